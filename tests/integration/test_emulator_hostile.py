"""Functions that break what they can: each fails its own call, the next is answered, and nothing stays."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from emulated import PATIENCE_S, ask, cages, call, emulate, report_number, report_of, reports, wait_until
from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.sandbox.session import is_running


@pytest.fixture(scope="module")
def emulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedLambda]:
    folder = tmp_path_factory.mktemp("tmp")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        with emulate("hostile.handler", memory_mb=256, timeout_s=2.0) as made:
            yield made
    assert list(folder.iterdir()) == []
    assert not cages(os.getpid())


ENDINGS = {
    "segfault": "Runtime.ExitError",
    "exit": "Runtime.ExitError",
    "kill": "Runtime.ExitError",
    "hang": "timeout",
    "stop": "timeout",
    # Whichever limit is met first.
    "start threads": "timeout or Runtime.OutOfMemory or Runtime.ExitError",
    "allocate": "timeout or Runtime.OutOfMemory",
}


@pytest.mark.parametrize("way", ENDINGS)
def test_a_function_that_breaks_down_fails_its_own_call_and_the_next_is_answered(
    way: str, emulated: EmulatedLambda
) -> None:
    known = ask(emulated, "who")
    pid = known["pid"]
    report_of(emulated, known["request_id"])
    before = len(reports(emulated))
    response = call(emulated, way)
    assert (response.status_code, response.json()) == (500, {"message": "Internal Server Error"})
    report = report_number(emulated, before)
    assert (report.error_type or report.status) in ENDINGS[way].split(" or ")
    wait_until(lambda: not is_running(pid), "the process to be gone")
    assert ask(emulated, "who")["pid"] != pid


def test_grandchildren_end_with_the_environment(emulated: EmulatedLambda) -> None:
    grandchild = ask(emulated, "fork")["grandchild"]
    assert is_running(grandchild)
    emulated.force_cold()
    wait_until(lambda: not is_running(grandchild), "the grandchild, which ignores all signals, to be gone")


def test_a_runtime_that_closes_its_connections_makes_new_ones_or_is_replaced(emulated: EmulatedLambda) -> None:
    assert call(emulated, "close").status_code in {200, 500}
    assert ask(emulated, "who")["pid"]


def test_the_first_answer_counts_and_no_other_call_gets_the_second(emulated: EmulatedLambda) -> None:
    assert call(emulated, "answer twice").text == "first"
    assert ask(emulated, "who")["pid"]


def test_answers_to_what_was_not_asked_are_refused(emulated: EmulatedLambda) -> None:
    assert ask(emulated, "answer others") == [400, 404, 400, 202]
    assert ask(emulated, "who")["pid"]


def test_files_and_folders_of_one_environment_are_its_own_affair(emulated: EmulatedLambda) -> None:
    assert ask(emulated, "take files") > 100
    assert httpx.post(emulated.url, json={"do": "who"}, timeout=PATIENCE_S).status_code in {200, 500}
    emulated.force_cold()
    assert ask(emulated, "fill folder") > 0
    assert ask(emulated, "remove folder") == {}
    assert ask(emulated, "who")["pid"]


@pytest.mark.parametrize("way", ["segfault", "exit", "hang"])
def test_a_function_that_breaks_down_at_import_is_tried_twice_and_leaves_nothing(way: str) -> None:
    limits = {"init_limit_s": 1.0, "timeout_s": 1.0} if way == "hang" else {}
    with emulate("hostile.handler", variables={"AT_IMPORT": way}, **limits) as emulated:
        response = call(emulated, "who")
        assert (response.status_code, response.json()) == (500, {"message": "Internal Server Error"})
        report = report_number(emulated, 0)
        assert (report.error_type or report.status) == ("timeout" if way == "hang" else "Runtime.ExitError")
        assert sum(line.startswith("INIT_REPORT") for line in emulated.log_lines()) == 2
        assert emulated.environments_count() == 0


def test_a_function_with_a_syntax_error_is_told_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text("def handler(:\n")
    with emulate("wrong.handler", task_root=str(tmp_path)) as emulated:
        assert call(emulated, "who").status_code == 500
        assert report_number(emulated, 0).error_type == "Runtime.UserCodeSyntaxError"
        assert any("wrong.py" in line for line in emulated.log_lines())
