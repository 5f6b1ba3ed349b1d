"""The rules of docs/architecture.md on who may import whom, held by reading the sources.

A new module gets its place in ``LAYERS``; a new arrow between neighbours gets a line in ``NEIGHBOURS`` with
the reason it is needed. Both are meant to be edited by whoever changes the design, and by nobody else.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = "resnet_bench"
SRC = ROOT / "src" / PACKAGE

# An arrow points to a lower layer (further down this list). Within a layer only the arrows of NEIGHBOURS exist.
LAYERS = [
    ["cli"],
    ["load", "diagnosis"],
    ["report", "analysis", "web", "server", "emulator", "aws", "benchmark"],
    ["handler", "runners", "lambda_image"],
    ["http_event", "emf"],
    ["sandbox", "inference", "wire"],
    ["container"],
    ["progress", "trace_header", "lambda_report", "http_server", "loop_thread", "prices"],
    ["http_protocol"],
    ["http_head", "http_transport"],
    ["results", "refusals"],
    ["units", "errors", "processor", "loopback", "unreadable", "planted", "characters"],
]
HEIGHT = {name: height for height, layer in enumerate(reversed(LAYERS)) for name in layer}

NEIGHBOURS = {
    ("lambda_report", "trace_header"): "a REPORT line carries a trace id",
    ("analysis", "benchmark"): "the analysis of a run stands on the statistics of benchmark/stats.py",
    ("report", "benchmark"): "rows show those same statistics",
    ("inference", "sandbox"): "an answer carries its process's memory, by the definition that the sandbox uses",
    ("report", "analysis"): "rows show what the analysis found",
    ("web", "report"): "the page shows the rows and figures of the commands, and the report of a saved result",
    ("web", "benchmark"): "each classification is measured, and its two answers compared, as in any run",
}

# Arrows that the layers would allow and the design does not.
FORBIDDEN = {
    ("runners", "handler"): "the local side is not the handler called in process: they share inference/ only",
    ("server", "handler"): "the server here is no Lambda: it shares inference/ and the wire format with the handler",
    ("emulator", "http_event"): "the emulated Lambda writes events and does not read them",
    ("emulator", "handler"): "the emulated Lambda runs any handler by name, as AWS does",
    ("emulator", "inference"): "the emulated Lambda knows nothing of images or networks",
    ("emulator", "runners"): "a server does not know its clients",
    ("aws", "runners"): "runners/remote.py is given what it needs from aws/ behind a Protocol, and not the reverse",
}

# Third-party packages that only one place may use, with what keeping them there buys.
HOMES = {
    "httpx": ("runners/remote.py", "its last release is of 2024: replacing it must stay a change to one file"),
    "boto3": ("aws/", "credentials, regions and AWS's errors are handled in one place"),
    "botocore": ("aws/", "as boto3"),
    "locust": ("load/locustfile.py", "it runs in Locust's own processes, on machines without this package"),
    "typer": ("cli/", "library code neither parses options nor exits"),
    "torch": ("inference/", "the engine seam hides which library runs the network"),
    "torchvision": ("inference/", "as torch"),
    "onnx": ("inference/", "as torch"),
    "onnxruntime": ("inference/", "as torch"),
    "openvino": ("inference/", "as torch"),
}

# Imported inside the function that needs them, so that --help and a cold start pay for nothing they do not use.
HEAVY = {"torch", "torchvision", "onnx", "onnxruntime", "openvino", "pandas", "boto3", "botocore"}


@dataclass(frozen=True)
class Import:
    module: str  # dotted; for "from a import b" both a and a.b are recorded
    line: int
    on_load: bool  # False inside a function, where it costs nothing until the call


def is_type_checking(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}


def imports_of(source: str, package: str = PACKAGE) -> Iterator[Import]:
    """Every import that can run: all but the body of a top-level ``if TYPE_CHECKING``."""
    tree = ast.parse(source)
    pending: list[tuple[ast.AST, bool]] = []
    for statement in tree.body:
        if is_type_checking(statement):
            pending += [(other, True) for other in statement.orelse]
        else:
            pending.append((statement, True))
    while pending:
        node, on_load = pending.pop()
        for module in _modules(node, package):
            yield Import(module, node.lineno, on_load)
        deferred = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        pending += [(child, on_load and not deferred) for child in ast.iter_child_nodes(node)]


def _modules(node: ast.AST, package: str) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=module, names=names, level=level):
            parts = package.split(".")[: len(package.split(".")) - level + 1] if level else []
            base = ".".join([*parts, *([module] if module else [])])
            return [base, *(f"{base}.{alias.name}" for alias in names)]
        case ast.Call(func=ast.Attribute(attr="import_module"), args=[ast.Constant(value=str(module)), *_]):
            return [module]
        case _:
            return []


def component(path: Path) -> str:
    return path.relative_to(SRC).parts[0].removesuffix(".py")


def arrows(path: Path) -> set[tuple[str, int]]:
    """The components that a file imports, each with the line."""
    package = ".".join((PACKAGE, *path.relative_to(SRC).parts[:-1]))
    found = set()
    for each in imports_of(path.read_text(), package):
        parts = each.module.split(".")
        if parts[0] == PACKAGE and len(parts) > 1 and not parts[1].startswith("__"):
            found.add((parts[1], each.line))
    return found


SOURCES = sorted(path for path in SRC.rglob("*.py") if path != SRC / "__init__.py")


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_imports_inside_the_project_follow_the_arrows(path: Path) -> None:
    here = component(path)
    assert here in HEIGHT, f"{here} has no place in LAYERS"
    wrong = []
    for there, line in sorted(arrows(path)):
        if there == here:
            continue
        assert there in HEIGHT, f"{relative(path)}:{line} imports {there}, which has no place in LAYERS"
        if (here, there) in FORBIDDEN:
            wrong.append(f"line {line}: {here} -> {there}: {FORBIDDEN[here, there]}")
        elif HEIGHT[there] >= HEIGHT[here] and (here, there) not in NEIGHBOURS:
            wrong.append(f"line {line}: {here} (height {HEIGHT[here]}) -> {there} (height {HEIGHT[there]})")
    assert not wrong


@pytest.mark.parametrize("library", HOMES)
def test_a_third_party_package_stays_at_home(library: str) -> None:
    home, reason = HOMES[library]
    strays = [
        f"{relative(path)}:{each.line}"
        for path in SOURCES
        if not path.relative_to(SRC).as_posix().startswith(home)
        for each in imports_of(path.read_text())
        if each.module.split(".")[0] == library
    ]
    assert not strays, f"{library} belongs in {home}: {reason}"


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_heavy_packages_are_imported_inside_functions(path: Path) -> None:
    on_load = {each.module.split(".")[0] for each in imports_of(path.read_text()) if each.on_load}
    assert not on_load & HEAVY


def test_the_package_itself_imports_nothing() -> None:
    assert not list(imports_of((SRC / "__init__.py").read_text()))


@pytest.mark.parametrize(
    "pair", [(a, b) for a in ("aws", "emulator", "web") for b in ("aws", "emulator", "web") if a != b]
)
def test_the_tables_never_let_aws_emulator_and_web_meet(pair: tuple[str, str]) -> None:
    """They are three doors to the same house: a real Lambda, a false one, a page. None may need another."""
    assert HEIGHT[pair[0]] == HEIGHT[pair[1]]
    assert pair not in NEIGHBOURS


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import a.b", [("a.b", True)]),
        ("from a import b", [("a", True), ("a.b", True)]),
        ("def f():\n    import a", [("a", False)]),
        ("class C:\n    import a", [("a", True)]),
        ("try:\n    import a\nexcept ImportError:\n    import b", [("a", True), ("b", True)]),
        ("if TYPE_CHECKING:\n    import a\nelse:\n    import b", [("b", True)]),
        ("def f():\n    if TYPE_CHECKING:\n        import a", [("a", False)]),
        ("importlib.import_module('a.b')", [("a.b", True)]),
        ("from . import b", [("p.q", True), ("p.q.b", True)]),
        ("from ..r import b", [("p.r", True), ("p.r.b", True)]),
    ],
)
def test_the_reader_of_imports_sees(source: str, expected: list[tuple[str, bool]]) -> None:
    assert sorted((each.module, each.on_load) for each in imports_of(source, "p.q")) == expected
