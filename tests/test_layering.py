"""Who may import whom: the table of docs/architecture.md."""

from __future__ import annotations

import ast
from pathlib import Path

import networkx as nx
import pytest

TESTS = Path(__file__).resolve().parent
PACKAGE = TESTS.parent / "tinyc"

BASE = {"errors", "paths", "plain", "render", "threads"}
OPS = BASE | {"ir", "numerics", "ops"}
CHIP = BASE | {"target"}
PLAN = OPS | {"kernels", "memory", "schedule"}
ALLOWED = {
    **dict.fromkeys((*sorted(BASE), "ir", "memory", "target", "report", "metrics"), BASE),
    "numerics": BASE | {"ir"},
    "ops": BASE | {"ir", "numerics"},
    **dict.fromkeys(("export", "passes", "kernels", "host_model"), OPS),
    "frontends": OPS | {"passes"},
    "schedule": PLAN,
    "codegen": PLAN | {"target"},
    **dict.fromkeys(("emulate", "cycles"), CHIP),
    "verify": OPS | {"emulate"},
    "data": OPS | {"verify"},
    "quantize": OPS | {"data", "export", "frontends", "passes", "verify"},
    "qat": OPS | {"export", "frontends", "passes", "quantize"},
    "options": OPS | {"codegen", "data", "frontends", "kernels", "quantize", "target"},
    "costs": PLAN | CHIP | {"codegen", "cycles", "emulate", "frontends", "options", "report", "verify"},
    "cli": CHIP
    | {"compiler", "data", "emulate", "evaluator", "frontends", "options", "quantizer", "report", "runner", "verify"},
    "__main__": {"cli"},
}  # fmt: skip
#: They put the parts together and may see all but the command line.
LINES = {"compiler", "evaluator", "quantizer", "runner"}


def imports(file: Path) -> set[str]:
    """Top-level parts of tinyc that a module imports: `from tinyc.ir.op import Op` is ir."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "tinyc":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("tinyc."):
            found.add(node.module.split(".")[1])
    return found


def files_of(part: str) -> list[Path]:
    folder = PACKAGE / part
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [PACKAGE / f"{part}.py"]


@pytest.mark.parametrize("part", ALLOWED)
def test_imports_point_downwards(part: str) -> None:
    for file in files_of(part):
        wrong = imports(file) - ALLOWED[part] - {part}
        assert not wrong, f"{file.relative_to(PACKAGE.parent)} imports {', '.join(sorted(wrong))}"


def test_every_part_has_a_place_in_the_table() -> None:
    parts = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or any(path.glob("*.py"))}
    assert parts - set(ALLOWED) == {"__init__", *LINES}


def test_no_part_sees_one_that_sees_it() -> None:
    graph = nx.DiGraph()
    for part in (*ALLOWED, *LINES):
        graph.add_edges_from((part, seen) for file in files_of(part) for seen in imports(file) - {part})
    assert nx.is_directed_acyclic_graph(graph), nx.find_cycle(graph)


def test_docstrings_begin_with_a_whole_sentence() -> None:
    for file in (f for folder in (PACKAGE, TESTS) for f in folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                first = (ast.get_docstring(node) or ".").partition("\n\n")[0]
                assert first.endswith((".", ":", "?")), f"{file}: {first}"


@pytest.mark.parametrize(
    "file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: str(file.relative_to(PACKAGE))
)
def test_files_and_functions_are_short(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 80, node.name
