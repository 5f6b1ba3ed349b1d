"""What the progress displays write, character by character."""

from __future__ import annotations

import io
import time
from types import SimpleNamespace

import pytest

from bad_servers import ESCAPES
from resnet_bench.cli import progress
from resnet_bench.cli.progress import LineDisplay, LogDisplay, SilentDisplay, display


class Screen(io.StringIO):
    """A terminal of one line: what can be read after all that was written."""

    def lines(self) -> list[str]:
        seen, row, column = [""], 0, 0
        for each in self.getvalue():
            if each == "\r":
                column = 0
            elif each == "\n":
                seen.append("")
                row, column = row + 1, 0
            else:
                seen[row] = seen[row][:column].ljust(column) + each + seen[row][column + 1 :]
                column += 1
        return [line.rstrip() for line in seen]


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    written = Screen()
    # Not sys.stderr itself: pytest puts its own there when the fixtures are done.
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=written))
    monkeypatch.setenv("COLUMNS", "80")
    return written


def test_a_line_is_written_over_and_gone_at_the_end(screen: Screen) -> None:
    with LineDisplay() as shown:
        shown.step("a long first step", 0.5)
        assert screen.lines() == ["[##########..........] a long first step"]
        shown.step("short")
        assert screen.lines() == ["short"]
    assert screen.lines() == [""]


def test_a_note_stays_above_the_line(screen: Screen) -> None:
    with LineDisplay() as shown:
        shown.step("working")
        shown.note("by the way")
        assert screen.lines() == ["by the way", "working"]
    assert screen.lines() == ["by the way", ""]


def test_the_cursor_rests_at_the_beginning_so_that_an_echo_is_written_over(screen: Screen) -> None:
    with LineDisplay() as shown:
        shown.step("working", 0.1)
        screen.write("^C")
    assert screen.lines() == [""]


@pytest.mark.parametrize("columns", [20, 40, 79, 80, 200])
def test_a_line_never_fills_the_terminals_last_column(
    columns: int, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = LineDisplay()
    shown.step("measuring 100 of 100: torch on Lambda, 1 h 05 min left", 1.5)
    (line,) = screen.lines()
    assert len(line) < min(columns, 80)
    if columns >= 60:
        assert "1 h 05 min left" in line


def test_waiting_counts_down_and_the_bar_gives_way_to_it(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    seen: list[str] = []

    def sleep(seconds: float) -> None:
        seen.append(screen.lines()[-1])
        now[0] += seconds

    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", sleep)
    shown = LineDisplay()
    shown.step("measuring 2 of 60: torch on Lambda, 29 min 30 s left", 0.1)
    shown.wait(2.5)
    assert seen == [f"measuring 2 of 60: torch on Lambda, 29 min 30 s left (in {left} s)" for left in (2, 2, 0)]
    assert now == [2.5]


def test_a_log_gets_the_first_of_each_kind_and_then_one_line_in_ten_seconds(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    shown = LogDisplay()
    for number in range(1, 25):
        shown.step(f"measuring {number} of 24", number / 24)
        now[0] += 1.0
    shown.step("asking for traces")
    shown.note("by the way")
    assert screen.getvalue() == (
        "measuring 1 of 24 (4%)\nmeasuring 11 of 24 (46%)\nmeasuring 21 of 24 (88%)\nasking for traces\nby the way\n"
    )


def test_quiet_writes_nothing(screen: Screen) -> None:
    with display(quiet=True) as shown:
        assert isinstance(shown, SilentDisplay)
        shown.step("working", 0.5)
        shown.note("by the way")
        shown.wait(0.0)
    assert screen.getvalue() == ""


def test_nobody_reading_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=Broken()))
    for shown in (LogDisplay(), LineDisplay()):
        with shown:
            shown.step("working")
            shown.note("by the way")


@pytest.mark.parametrize("kind", [LineDisplay, LogDisplay])
def test_what_a_server_said_does_not_steer_the_terminal(kind: type[SilentDisplay], screen: Screen) -> None:
    with kind() as shown:
        shown.note(f"AWS says {ESCAPES}")
        shown.step(f"asking {ESCAPES}")
    assert not [each for each in screen.getvalue() if each not in "\r\n" and not each.isprintable()]
