import pytest

from resnet_bench.sandbox.environment import inherited_variables


def test_a_sandboxed_program_sees_nothing_of_the_users_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "HOME", "OMP_NUM_THREADS", "LD_PRELOAD"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("PATH", "/bin")
    assert inherited_variables()["PATH"] == "/bin"
    assert not {"AWS_SECRET_ACCESS_KEY", "HOME", "OMP_NUM_THREADS", "LD_PRELOAD"} & set(inherited_variables())
