"""The records of a run: frozen, raw, and nothing that can be derived.

Units are seconds and bytes; the field's name says which. What was not measured is ``None`` where it can never apply (a
local call has no JSON to parse) and ``Skipped(reason)`` where it could have been measured and was not. Times are
grouped by **who held the clock**: ``StageTimes`` by the process that ran the model, ``ClientTimes`` by the caller,
``TraceTimes`` and ``ReportLine`` by the platform. Only durations are kept, never differences between two machines'
clocks.

Handler, local worker and result file all use these types, so that both sides are measured by the same words. Lambda
imports this module: it may import nothing but msgspec and the standard library.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from resnet_bench.results.bounds import AtLeastOne, Bytes, Count, Elapsed, Lasting, Moment, Seconds, Share, Status

Side = Literal["local", "remote"]
# Under ``load`` many calls are on their way at once: each may meet a warm environment or a fresh one.
Phase = Literal["warmup", "warm", "cold", "load"]
Decode = Literal["exact", "fast"]
# What an agreement is about that is not about an engine.
FAST_DECODE = "fast decode"


class Skipped(Struct, frozen=True, omit_defaults=True, tag="skipped", tag_field="kind"):
    """A value that could have been measured and was not, and why.

    ``pending`` is True where it may still arrive (a trace not indexed yet, a log line not delivered yet), so that
    asking again, now or from the saved file, makes sense; False is final.
    """

    reason: str
    pending: bool = False


class Prediction(Struct, frozen=True):
    """One class of the top five; ``probability`` is the softmax over all 1000 classes."""

    index: Count
    wordnet_id: str
    name: str
    probability: Share


class StageTimes(Struct, frozen=True, kw_only=True):
    """Wall time of each stage of one classification, by the monotonic clock of the process that ran it.

    ``total_s`` covers all stages and what lies between them; it is at least their sum. ``cpu_wait_s`` is how long the
    process's threads, added up, stood ready without getting a CPU since the call before.
    """

    json_parse_s: Seconds | None = None
    base64_decode_s: Seconds | None = None
    read_s: Seconds | None = None
    decode_s: Seconds
    preprocess_s: Seconds
    inference_s: Seconds
    postprocess_s: Seconds
    total_s: Elapsed
    cpu_wait_s: Seconds | None = None


class ColdStages(Struct, frozen=True, kw_only=True):
    """The parts of one process's start-up, by its own clock, in the order in which they happen.

    ``interpreter_s`` runs from the program's start to this package's first line (on Lambda the runtime client is part
    of it), ``imports_s`` from there to the last import; ``first_inference_s`` is the inference stage of the first
    call, which pays for lazy work in the engine. ``engine_s`` excludes ``weights_s`` where the engine can tell them
    apart.
    """

    interpreter_s: Seconds | None
    imports_s: Seconds
    weights_s: Seconds | None
    engine_s: Seconds
    first_inference_s: Seconds | None = None


class MemoryUse(Struct, frozen=True, kw_only=True):
    """Memory of the process that ran the model, from the kernel's own account of it.

    ``rss_bytes`` is resident now; ``peak_rss_bytes`` the kernel's high-water mark (VmHWM); ``baseline_rss_bytes`` was
    resident before the engine was imported; ``limit_bytes`` is Lambda's configured size or the limit set on this
    machine; ``utilisation`` is peak over limit.
    """

    rss_bytes: Bytes
    peak_rss_bytes: Bytes
    baseline_rss_bytes: Bytes
    limit_bytes: Bytes | None = None
    utilisation: Share | None = None


class Compared(Struct, frozen=True, kw_only=True):
    """How two ways to classify answered on the same images.

    ``same_top5_count`` counts images whose five most probable classes are the same ones, in any order;
    ``max_probability_difference`` is the largest over all images and classes.
    """

    images_count: Count
    same_top1_count: Count
    same_top5_count: Count
    max_probability_difference: Share


class Agreement(Struct, frozen=True, kw_only=True):
    """How ``subject`` (an engine's variant, or ``FAST_DECODE``) answers beside float32 with exact decoding.

    ``calibration`` is on the images that the quantisation was calibrated on, ``None`` where nothing was calibrated;
    ``held_out`` on images that it has not seen. ``trained`` is False for random weights, under which agreement means
    little. ``images_sha256`` is over all of these images.
    """

    subject: str
    calibration: Compared | None
    held_out: Compared
    trained: bool
    images_sha256: str


class RuntimeFacts(Struct, frozen=True, kw_only=True):
    """What ran: enough to tell whether two answers may be compared.

    ``vcpus_count`` is the number of CPUs that the process may run on; ``weights_sha256`` is the hash of the weights
    file from which the engine's artefact was made; ``trained`` is False for random weights, whose timings are valid
    and whose predictions are not. ``engine`` is its variant's name (``onnx``, ``onnx-int8``), ``precision`` what it
    computes in. ``decode`` is how images are decoded; ``agreements`` tell what a precision below float32 and the
    fast decoding change.
    """

    engine: str
    precision: str
    threads_count: AtLeastOne
    vcpus_count: Count
    python: str
    versions: dict[str, str]
    cpu_model: str
    weights: str
    weights_sha256: str
    trained: bool
    decode: Decode = "exact"
    agreements: tuple[Agreement, ...] = ()


class Identity(Struct, frozen=True, kw_only=True):
    """Which environment answered, and under which ids AWS knows the request.

    ``cold_start`` is True on an environment's first call only; ``trace_id`` and ``sampled`` come from the handler's
    own trace header, read per call; all three ids are ``None`` on the local side.
    """

    environment_id: str
    invocation_count: Count
    cold_start: bool
    request_id: str | None = None
    trace_id: str | None = None
    sampled: bool | None = None


class Answer(Struct, frozen=True, kw_only=True, tag="answer", tag_field="kind"):
    """One image classified, on either side. Sizes are (width, height) in pixels.

    ``cold`` is given with an environment's first answer and ``None`` afterwards.
    """

    predictions: tuple[Prediction, ...]
    original_size: tuple[Count, Count]
    processed_size: tuple[Count, Count]
    stages: StageTimes
    memory: MemoryUse
    runtime: RuntimeFacts
    identity: Identity
    cold: ColdStages | None = None


class Failed(Struct, frozen=True, kw_only=True, tag="failed", tag_field="kind"):
    """A call that gave no answer; kept as a sample so that errors are counted and never dropped.

    ``error`` is the exception's class name from ``resnet_bench.errors``; ``status`` the HTTP status.
    """

    error: str
    message: str
    status: Status | None = None


class Attempt(Struct, frozen=True, kw_only=True):
    """One try of a call that failed for a passing reason and was followed by another.

    ``error`` is the exception's class name, ``status`` the HTTP status; ``duration_s`` from its start to the failure;
    ``waited_s`` is the pause before the next try. By the caller's monotonic clock.
    """

    error: str
    message: str
    status: Status | None
    duration_s: Seconds
    waited_s: Seconds


class ClientTimes(Struct, frozen=True, kw_only=True, tag="client", tag_field="kind"):
    """One remote call by the caller's monotonic clock, from the file on disk to the whole answer in memory.

    ``prepare_s`` is reading the file, encoding the body and, where the API wants that, signing the request;
    ``connect_s`` and ``tls_s`` are ``None`` when a kept-alive connection was used (or no TLS); ``send_s`` is the
    request written; ``wait_s`` from there to the answer's headers; ``receive_s`` the rest. ``total_s`` covers them all.

    A call by Lambda's own Invoke has only ``prepare_s`` and ``total_s``: the AWS client does the rest in one go,
    signing included. Bytes are those of the bodies, which by Invoke are the event and what the function returned;
    ``http_status`` is then the function's own.
    """

    prepare_s: Seconds
    connect_s: Seconds | None
    tls_s: Seconds | None
    send_s: Seconds | None
    wait_s: Seconds | None
    receive_s: Seconds | None
    total_s: Elapsed
    sent_bytes: Bytes
    received_bytes: Bytes
    http_status: Status


class TraceTimes(Struct, frozen=True, kw_only=True, tag="trace", tag_field="kind"):
    """One request by the platform's clock, read from its X-Ray segments.

    ``total_s`` is the AWS::Lambda segment; ``initialization_s`` is ``None`` on a warm start; ``provisioning_s`` runs
    from the service segment's start to the start of initialisation. ``source`` is who kept the segments: X-Ray, or
    CloudWatch Logs where Transaction Search is on.
    """

    trace_id: str
    shape: Literal["old", "new"]
    http_status: Status | None
    provisioning_s: Lasting | None
    initialization_s: Lasting | None
    invocation_s: Lasting
    overhead_s: Lasting | None
    total_s: Lasting
    source: Literal["xray", "logs"] = "xray"


class ReportLine(Struct, frozen=True, kw_only=True, tag="report", tag_field="kind"):
    """Lambda's own account of one invocation (the REPORT log line), in seconds and bytes.

    ``init_s`` is ``None`` on a warm start, and on a cold start whose initialisation timed out.
    """

    request_id: str
    duration_s: Lasting
    billed_s: Lasting
    memory_size_bytes: Bytes
    max_memory_used_bytes: Bytes
    init_s: Lasting | None = None
    status: str | None = None
    error_type: str | None = None
    trace_id: str | None = None


class Sample(Struct, frozen=True, kw_only=True):
    """One call on one side. Samples with the same ``engine``, ``phase`` and ``pair`` used identical bytes.

    ``variant`` names the conditions where they are not those of the run as a whole (another memory size, a rung of the
    ladder); a plain call has none. ``position`` is the order within the pair (0 ran first). ``cgroup_peak_bytes`` is
    the kernel's peak for the whole sandbox, page cache included, held by whoever runs the sandbox. ``attempts`` are the
    tries that failed before the one that ``outcome`` and ``client`` tell of: a sample that has any was retried, and is
    no plain measurement.
    """

    side: Side
    engine: str
    phase: Phase
    pair: Count
    position: Count
    image: str
    started_at: Moment
    outcome: Answer | Failed
    client: ClientTimes | Skipped
    trace: TraceTimes | Skipped
    report: ReportLine | Skipped
    cgroup_peak_bytes: Bytes | Skipped
    attempts: tuple[Attempt, ...] = ()
    variant: str = ""
