"""``collect`` as a process, against moto's server in AWS's place."""

from __future__ import annotations

import json
import time

import pytest
from msgspec.structs import replace

from factories import make_answer, make_deployment, make_run, make_sample, make_settings
from golden_traces import documents, trace_id
from program import run, started
from resnet_bench.benchmark.checks import recheck
from resnet_bench.lambda_report import format_report
from resnet_bench.results.files import ResultWriter, load
from resnet_bench.results.records import ReportLine, Skipped, TraceTimes
from servers import answering, reply, serving

GROUP = "/aws/lambda/resnet-bench"
MIB = 1024 * 1024
NOW_S = time.time()
PENDING = Skipped("not asked for yet", pending=True)
ACCOUNT = "111122223333"


def report(number):
    return ReportLine(
        request_id=f"8f507cfc-1a2b-4c3d-9e4f-{number:012d}",
        duration_s=0.2,
        billed_s=0.2,
        memory_size_bytes=1024 * MIB,
        max_memory_used_bytes=500 * MIB,
    )


def json_report(number):
    metrics = {"durationMs": 200.0, "billedDurationMs": 200, "memorySizeMB": 1024, "maxMemoryUsedMB": 500}
    record = {"requestId": report(number).request_id, "metrics": metrics, "status": "success"}
    return json.dumps({"time": "2026-11-24T10:00:00.000Z", "type": "platform.report", "record": record})


def sample(number):
    answer = make_answer(side="remote")
    ids = {"trace_id": trace_id(number), "request_id": report(number).request_id}
    answer = replace(answer, identity=replace(answer.identity, **ids))
    started_at = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(NOW_S))
    return make_sample("remote", pair=number, outcome=answer, trace=PENDING, report=PENDING, started_at=started_at)


def saved(folder, samples=None, **deployment):
    """A result file of three calls whose traces and REPORT lines are pending."""
    place = {"kind": "aws", "region": "eu-west-1", "function": "resnet-bench", "log_group": GROUP, **deployment}
    samples = tuple(sample(number) for number in range(3)) if samples is None else samples
    settings = make_settings(command="remote", engines=("torch",))
    made = recheck(make_run(samples=samples, settings=settings, deployment=make_deployment(**place)))
    path = folder / "run.json"
    with ResultWriter(replace(made, samples=()), path) as writer:
        for each in samples:
            writer.add(each)
    return path


class Aws:
    """X-Ray and Logs of one region, and how the program is put there."""

    def __init__(self, url, region):
        self.url, self.region = url, region
        self._clients = []

    def client(self, service):
        # moto keeps each region apart, by the signature; a client of this program's own is always in us-east-1.
        import boto3

        made = boto3.Session().client(
            service,
            endpoint_url=self.url,
            region_name=self.region,
            aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
            aws_secret_access_key="x",
        )
        self._clients.append(made)
        return made

    def deliver(self, *numbers, group=GROUP, messages=()):
        """Traces of these calls, and these log lines."""
        xray, logs = self.client("xray"), self.client("logs")
        for number in numbers:
            xray.put_trace_segments(TraceSegmentDocuments=documents("old_warm", number))
        if messages:
            logs.create_log_group(logGroupName=group)
            logs.create_log_stream(logGroupName=group, logStreamName="s")
            events = [{"timestamp": int(NOW_S * 1000), "message": message} for message in messages]
            logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)

    @property
    def env(self):
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_REGION": "us-west-2",
        }

    def close(self):
        for made in self._clients:
            made.close()


@pytest.fixture
def aws(moto_url):
    made = Aws(moto_url, "eu-west-1")
    yield made
    made.close()


NOBODY = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_EC2_METADATA_DISABLED": "true"}


def test_what_has_arrived_goes_into_the_file_and_what_has_not_is_told_with_its_reason(aws, tmp_path):
    path = saved(tmp_path)
    assert [caveat.message for caveat in load(path).caveats if caveat.code == "trace-coverage"] == [
        "0/3 calls traced: 3 late"
    ]
    aws.deliver(0, 2, messages=[format_report(report(0)), "START", json_report(1)])
    done = run("collect", path, "--wait", "0", cwd=tmp_path, env=aws.env)
    assert done.code == 0, done.err
    first, second, *_ = done.out.split("REPORT lines: ")
    assert first.startswith("traces: 2 arrived, 1 still missing\n  1 x not complete yet: X-Ray knows no such trace")
    assert second.startswith("2 arrived, 1 still missing\n  1 x not complete yet: no REPORT line of this request")
    assert f"saved: {path}" in done.err
    completed = load(path)
    traces = [each.trace for each in completed.samples]
    assert [getattr(trace, "trace_id", None) for trace in traces] == [trace_id(0), None, trace_id(2)]
    assert [each.report for each in completed.samples][:2] == [report(0), report(1)]
    assert [caveat.message for caveat in completed.caveats if caveat.code == "trace-coverage"] == [
        "2/3 calls traced: 1 late"
    ]


def test_it_can_be_repeated_until_nothing_is_missing_and_then_asks_nobody(aws, tmp_path):
    path = saved(tmp_path)
    aws.deliver(0, messages=[format_report(report(number)) for number in range(3)])
    assert run("collect", path, "--wait", "0", "-q", cwd=tmp_path, env=aws.env).code == 0
    aws.deliver(1, 2)
    done = run("collect", path, "--wait", "0", "-q", cwd=tmp_path, env=aws.env)
    assert done.out == "traces: 2 arrived\nREPORT lines: none was missing\n"
    before = path.read_bytes()
    done = run("collect", path, cwd=tmp_path, env=NOBODY)
    assert (done.code, done.err) == (0, "")
    assert done.out == "traces: none was missing\nREPORT lines: none was missing\n"
    assert path.read_bytes() == before
    assert not [caveat for caveat in load(path).caveats if caveat.code == "trace-coverage"]


def test_json_is_one_document(aws, tmp_path):
    path = saved(tmp_path)
    aws.deliver(0, 1, 2, messages=[json_report(0)])
    done = run("collect", path, "--wait", "0", "--json", cwd=tmp_path, env=aws.env)
    document = json.loads(done.out)
    assert document["traces"] == {"arrived": 3, "final": {}, "missing": {}}
    assert document["reports"]["arrived"] == 1
    assert list(document["reports"]["missing"].values()) == [2]
    assert document["saved"] == str(path)
    assert document["exported_traces"] is None


def test_raw_traces_are_written_one_a_line_without_account_data(aws, tmp_path):
    path = saved(tmp_path)
    aws.deliver(0, 2)
    texts = [json.loads(text) for text in documents("old_warm", 1)]
    texts = [json.dumps({**text, "resource_arn": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"}) for text in texts]
    aws.client("xray").put_trace_segments(TraceSegmentDocuments=texts)
    done = run("collect", path, "--wait", "0", "--traces", "raw.jsonl", cwd=tmp_path, env=aws.env)
    assert "raw traces: 3 in raw.jsonl" in done.err
    text = (tmp_path / "raw.jsonl").read_text()
    assert ACCOUNT not in text
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["Id"] for line in lines] == [trace_id(0), trace_id(1), trace_id(2)]
    assert all(json.loads(segment["Document"])["origin"] for line in lines for segment in line["Segments"])
    again = run("collect", path, "--traces", "raw.jsonl", cwd=tmp_path, env=NOBODY)
    assert again.code == 5
    assert again.error() == "raw.jsonl exists already"


OUTPUTS = {
    "Url": "https://a1b2c3d4e5.execute-api.us-west-2.amazonaws.com",
    "FunctionName": "other",
    "LogGroupName": "/other",
    "RepositoryUri": f"{ACCOUNT}.dkr.ecr.us-west-2.amazonaws.com/r",
    "DashboardName": "d",
    "Authorization": "AWS_IAM",
    "Engine": "onnx",
    "Architecture": "x86_64",
    "ImageUri": "i@sha256:0",
}


def test_region_and_stack_of_the_command_line_count_for_more_than_the_files(moto_url, tmp_path):
    elsewhere = Aws(moto_url, "us-west-2")
    path = saved(tmp_path)
    template = {
        "Resources": {"G": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {name: {"Value": value} for name, value in OUTPUTS.items()},
    }
    elsewhere.client("cloudformation").create_stack(StackName="moved", TemplateBody=json.dumps(template))
    elsewhere.deliver(0, 1, 2, group="/other", messages=[format_report(report(number)) for number in range(3)])
    arguments = ("--wait", "0", "--region", "us-west-2", "--stack", "moved")
    done = run("collect", path, *arguments, cwd=tmp_path, env=elsewhere.env)
    elsewhere.close()
    assert done.out == "traces: 3 arrived\nREPORT lines: 3 arrived\n", done.err


def test_a_url_alone_names_no_log_group_and_is_told_how_to_get_one(aws, tmp_path):
    path = saved(tmp_path, kind="url", log_group=None, function=None)
    aws.deliver(0, 1, 2)
    done = run("collect", path, "--wait", "0", cwd=tmp_path, env=aws.env)
    assert done.out.startswith("traces: 3 arrived\nREPORT lines: 3 still missing\n")
    assert "give --stack" in done.err


def test_traces_that_were_sampled_out_will_not_come(aws, tmp_path):
    answer = sample(0).outcome
    answer = replace(answer, identity=replace(answer.identity, sampled=False))
    path = saved(tmp_path, samples=(replace(sample(0), outcome=answer),))
    done = run("collect", path, "--wait", "0", cwd=tmp_path, env=aws.env)
    assert done.out.startswith("traces: 1 will not come\n  1 x sampled out by X-Ray")


@pytest.mark.parametrize(
    ("deployment", "reason"),
    [
        (make_deployment(), "the emulated Lambda of run.json has ended, and its traces and logs with it"),
        (None, "run.json was measured on this machine alone: AWS has nothing of it"),
    ],
)
def test_a_result_that_aws_has_nothing_of_is_refused(deployment, reason, tmp_path):
    with ResultWriter(make_run(samples=(), deployment=deployment), tmp_path / "run.json") as writer:
        writer.add(make_sample())
    done = run("collect", "run.json", cwd=tmp_path, env=NOBODY)
    assert done.code == 2
    assert done.error() == reason


DENIED = reply(b'{"message": "no"}', 403, content_type="application/json", x_amzn_errortype="AccessDeniedException")


def test_what_is_denied_is_told_with_the_action_and_the_fix(aws, tmp_path):
    path = saved(tmp_path)
    with serving(answering(DENIED)) as url:
        done = run("collect", path, "-q", "--traces", "raw", cwd=tmp_path, env={**aws.env, "AWS_ENDPOINT_URL": url})
        assert done.code == 4
        assert done.error() == "xray:BatchGetTraces failed: AWS denied it (AccessDeniedException)"
        assert f"what had arrived before is in {path}" in done.err
        done = run("collect", path, "-q", cwd=tmp_path, env={**aws.env, "AWS_ENDPOINT_URL": url})
    assert done.code == 4, "nothing came, and AWS could not be asked"
    assert "3 x xray:BatchGetTraces failed: AWS denied it (AccessDeniedException)" in done.out
    assert "  try: allow xray:BatchGetTraces in the policy of the user or role" in done.err
    assert "  try: allow logs:FilterLogEvents in the policy of the user or role" in done.err


def test_without_credentials_nothing_is_asked_and_the_file_stays(tmp_path):
    path = saved(tmp_path)
    before = path.read_bytes()
    nowhere = {"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "HOME": str(tmp_path)}
    done = run("collect", path, cwd=tmp_path, env={**NOBODY, **nowhere})
    assert done.code == 4
    assert "no AWS credentials were found" in done.error()
    assert path.read_bytes() == before


def test_ctrl_c_while_waiting_leaves_the_file_as_it_was(aws, tmp_path):
    path = saved(tmp_path)
    before = path.read_bytes()
    aws.deliver(0, messages=["START"])
    with started("collect", path, "--wait", "600", folder=tmp_path, env=aws.env) as running:
        running.wait_for("traces: 1 of 3 arrived")
        done = running.end()
    assert done.code == 130
    assert path.read_bytes() == before


def test_a_journal_of_a_killed_run_is_completed_under_its_final_name(aws, tmp_path):
    writer = ResultWriter(replace(load(saved(tmp_path)), samples=()), tmp_path / "killed.json")
    writer.add(sample(0))
    aws.deliver(0, messages=[json_report(0)])
    done = run("collect", writer.journal_path, "--wait", "0", cwd=tmp_path, env=aws.env)
    assert done.out == "traces: 1 arrived\nREPORT lines: 1 arrived\n"
    assert isinstance(load(tmp_path / "killed.json").samples[0].trace, TraceTimes)
