"""Calls that have no place here: they run what they read, write where it says, or trust whom they should not.

bandit and ruff look for most of them, and let a comment excuse one. Here nothing does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))

# By the last part of its name: how a call is written depends on how its module was imported.
NEVER = {
    "allow_unsafe_loads": "it reads whatever a pickle says",
    "compile_command": "it makes code of text",
    "create_unverified_context": "it believes every server",
    "_create_unverified_context": "it believes every server",
    "eval": "it runs text",
    "exec": "it runs text",
    "extract": "an archive says where its files go",
    "extractall": "an archive says where its files go",
    "fromstring": "XML is written here and not read",
    "getoutput": "it starts a shell",
    "getstatusoutput": "it starts a shell",
    "iterparse": "XML is written here and not read",
    "make_archive": "nothing is archived here",
    "mktemp": "its name can be taken by somebody else meanwhile",
    "popen": "it starts a shell",
    "system": "it starts a shell",
    "unpack_archive": "an archive says where its files go",
    "unsafe_load": "YAML can make any object",
}
_SAME_NAME = {"network.eval", "platform.system"}
# Whole modules.
NO_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "telnetlib", "ftplib", "yaml"}
# Arguments with the only value that they may have, wherever they are given.
ARGUMENTS = {
    "allow_pickle": False,
    "shell": False,
    "verify": True,
    "weights_only": True,
    "check_hostname": True,
}


def sins(source: str) -> Iterator[tuple[int, str]]:
    """Line and reason."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, each.name) for each in names if each.name.split(".")[0] in NO_MODULES)
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in NO_MODULES:
                yield node.lineno, module
            case ast.Call(func=function):
                name = ast.unparse(function)
                if (last := name.rpartition(".")[2]) in NEVER and name not in _SAME_NAME:
                    yield node.lineno, f"{name}: {NEVER[last]}"
                yield from _of_arguments(node, name)
            case _:
                pass


def _of_arguments(call: ast.Call, name: str) -> Iterator[tuple[int, str]]:
    given = {each.arg: each.value for each in call.keywords if each.arg}
    for argument, value in given.items():
        if argument in ARGUMENTS and isinstance(value, ast.Constant) and value.value is not ARGUMENTS[argument]:
            yield call.lineno, f"{name}({argument}={value.value})"
    if name.endswith("torch.load") and "weights_only" not in given:
        yield call.lineno, "torch.load without weights_only"
    if name in {"np.load", "numpy.load"} and "allow_pickle" not in given:
        yield call.lineno, "numpy.load without allow_pickle=False"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_is_run_written_or_trusted_blindly(path: Path) -> None:
    assert not [*sins(path.read_text())]


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from pickle import loads",
        "import yaml",
        "torch.load(file)",
        "torch.load(file, weights_only=False)",
        "np.load(file)",
        "np.load(file, allow_pickle=True)",
        "subprocess.run(line, shell=True)",
        "os.system(line)",
        "os.popen(line)",
        "eval(text)",
        "exec(text)",
        "tarfile.open(file).extractall()",
        "zipfile.ZipFile(file).extract(name)",
        "tempfile.mktemp()",
        "ssl._create_unverified_context()",
        "httpx.Client(verify=False)",
        "ElementTree.fromstring(text)",
    ],
)
def test_the_reader_sees(source: str) -> None:
    assert [*sins(source)]


@pytest.mark.parametrize(
    "source", ["torch.load(file, weights_only=True)", "re.compile(text)", "run(line, shell=False)"]
)
def test_the_reader_lets_pass(source: str) -> None:
    assert not [*sins(source)]
