"""Signals that come while something must be finished."""

import signal
import threading

import pytest

from resnet_bench.aws.function.uninterrupted import uninterrupted


@pytest.fixture
def handlers():
    """Those of this process; what the test leaves behind is undone."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield lambda: {number: signal.getsignal(number) for number in numbers}
    for number, handler in before.items():
        signal.signal(number, handler)


def interrupted(*numbers, finally_):
    with uninterrupted():
        for number in numbers:
            signal.raise_signal(number)
        finally_()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_body_ends_and_then_the_interruption_comes(handlers, number):
    before = handlers()
    done = []
    with pytest.raises(KeyboardInterrupt):
        interrupted(number, number, finally_=lambda: done.append(True))
    assert done
    assert handlers() == before


def test_without_an_interruption_nothing_comes(handlers):
    before = handlers()
    with uninterrupted():
        assert handlers() != before
    assert handlers() == before


def test_an_error_of_the_body_comes_before_the_interruption(handlers):
    before = handlers()
    with pytest.raises(ZeroDivisionError):
        interrupted(signal.SIGINT, finally_=lambda: 1 / 0)
    assert handlers() == before


def test_what_was_ignored_stays_ignored(handlers):
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with uninterrupted():
        signal.raise_signal(signal.SIGHUP)
    assert handlers()[signal.SIGHUP] is signal.SIG_IGN


def test_in_another_thread_there_is_nothing_to_hold_back():
    done = []

    def work():
        with uninterrupted():
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done
