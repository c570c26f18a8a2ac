"""Who may import whom: the table of docs/architecture.md."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "tinyc"

BASE = {"errors", "paths", "arith", "plain"}
OPS = BASE | {"ir", "ops"}
CHIP = BASE | {"boards", "tools", "elf"}
ALLOWED = {
    **dict.fromkeys(("errors", "paths", "arith", "plain", "tools", "ir", "memory", "boards", "folder"), BASE),
    **dict.fromkeys(("ops", "frontends", "passes", "vectors", "judge", "host_model"), OPS),
    "kernels": OPS | {"boards", "kernels"},
    "schedule": OPS | {"kernels", "memory"},
    "codegen": OPS | {"boards", "kernels", "schedule"},
    **dict.fromkeys(("build", "elf", "emulate", "encodings", "stack"), CHIP),
    "fit": CHIP | {"build", "schedule"},
    "cycles": CHIP | {"build", "stack"},
    "measure": CHIP | {"build", "encodings", "fit", "schedule", "stack"},
    "compare": OPS | {"emulate"},
    "report": {"paths", "plain"},
    "memory_map": OPS | {"memory", "schedule", "report"},
    "doctor": {"boards", "emulate", "tools", "report"},
    "cli": {"compiler", "boards", "doctor", "emulate", "errors", "folder", "frontends", "plain", "report", "vectors"},
    "__main__": {"cli"},
}  # fmt: skip


def imports(file: Path) -> set[str]:
    """Top-level parts of tinyc that a module imports: `from tinyc.ir.op import Op` is ir."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "tinyc":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("tinyc."):
            found.add(node.module.split(".")[1])
    return found


@pytest.mark.parametrize("part", ALLOWED)
def test_imports_point_downwards(part: str) -> None:
    folder = PACKAGE / part
    files = sorted(folder.rglob("*.py")) if folder.is_dir() else [PACKAGE / f"{part}.py"]
    for file in files:
        wrong = imports(file) - ALLOWED[part] - {part}
        assert not wrong, f"{file.relative_to(PACKAGE.parent)} imports {', '.join(sorted(wrong))}"


def test_every_part_has_a_place_in_the_table() -> None:
    parts = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or any(path.glob("*.py"))}
    assert parts - set(ALLOWED) == {"__init__", "compiler", "results"}
