"""CONTRIBUTING's promise: an op is added by a few files, and nothing else knows of it.

The additions are written into a copy of the project, which then runs a model with them, judged by LiteRT.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.modelgen import ModelWriter
from tests.ops.agree import model

ROOT = Path(__file__).resolve().parent.parent

#: A function of one element: what it means, and its row.
SIN = {
    "tinyc/ops/sin.py": '''"""SIN: the sine of x."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.numerics.sigmoid import Float32
from tinyc.ops.function import Function


@dataclass(frozen=True)
class Sin(Function):
    """inputs: x float32; output: the same, the sine of x."""

    kind: ClassVar[str] = "sin"

    def real(self, x: Float32) -> Float32:
        return np.sin(x.astype(np.float64)).astype(np.float32)
''',
    "tinyc/frontends/tflite/elementwise.py": (
        ("from tinyc.ops.softmax import", "from tinyc.ops.sin import Sin\nfrom tinyc.ops.softmax import"),
        (
            '    Operator("SUB",',
            '    Operator("SIN", plain(Sin), supported="of float32 between DEQUANTIZE and QUANTIZE"),\n'
            '    Operator("SUB",',
        ),
    ),
}

#: An op with a kernel of its own: what it means, its reader and row, the kernel's parameters, and the kernel.
REVERSE = {
    "tinyc/ops/reverse.py": '''"""REVERSE_V2: the elements along an axis in reverse order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, Operand, Operands, Reference, TensorType
from tinyc.ops.guard import need


@dataclass(frozen=True)
class Reverse(Op):
    """inputs: x int8; output: the same shape, int8."""

    x = Operand(0)

    axis: int

    kind: ClassVar[str] = "reverse"

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        need(0 <= self.axis < len(types.x.shape), self, f"axis {self.axis} of {len(types.x.shape)} dimensions")
        return (types.x.shape,)

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        return (np.flip(values.x, self.axis),)
''',
    "tinyc/frontends/tflite/move.py": (
        ("from tinyc.ops.space_to_depth", "from tinyc.ops.reverse import Reverse\nfrom tinyc.ops.space_to_depth"),
        (
            "def _multiples(n: Node)",
            "def _reversed(n: Node) -> int:\n    return n.integers(1)[0]\n\n\ndef _multiples(n: Node)",
        ),
        (
            '    Operator("TILE",',
            '    Operator("REVERSE_V2", plain(Reverse, 2, _reversed), "one axis", ("ReverseV2Options",), newest=3),\n'
            '    Operator("TILE",',
        ),
    ),
    "tinyc/kernels/reverse.py": '''"""REVERSE_V2 in C."""

from __future__ import annotations

from math import prod

from tinyc.ir import Graph
from tinyc.kernels.access import SameUnit, Units
from tinyc.kernels.base import Argument, Call, Lowering, Result, Struct
from tinyc.ops.reverse import Reverse


def lower(op: Reverse, graph: Graph) -> Lowering:
    shape = graph.type(op.inputs[0]).shape
    params = Struct("tc_reverse_params", (("count", shape[op.axis]), ("size", prod(shape[op.axis + 1 :]))))
    units = Result(Units(prod(shape[: op.axis])))
    return Lowering((Call("tc_reverse_s8_ref", "reverse", (params,), (Argument(0, SameUnit()),), writes=(units,)),))
''',
    "tinyc/kernels/__init__.py": (
        ("    softmax,\n", "    reverse,\n    softmax,\n"),
        ("from tinyc.ops.softmax import", "from tinyc.ops.reverse import Reverse\nfrom tinyc.ops.softmax import"),
        ("    (Softmax, softmax.VARIANTS),", "    (Softmax, softmax.VARIANTS),\n    (Reverse, only(reverse.lower)),"),
    ),
    "runtime/include/tinyc/reverse.h": """#ifndef TINYC_REVERSE_H
#define TINYC_REVERSE_H

#include "tinyc/kernel.h"

typedef struct {
    int32_t count; /* elements along the axis */
    int32_t size;  /* bytes of each */
} tc_reverse_params;

/* in, out: [units, count, size], the middle in reverse order. Portable. */
void tc_reverse_s8_ref(const tc_reverse_params *p, const int8_t *in, int8_t *out, int32_t units);

#endif
""",
    "runtime/src/kernels/reverse/tc_reverse_s8_ref.c": """#include "tinyc/reverse.h"

#include <string.h>

TC_KERNEL void tc_reverse_s8_ref(const tc_reverse_params *p, const int8_t *in, int8_t *out, int32_t units)
{
    for (int32_t u = 0; u < units; u++, in += p->count * p->size, out += p->count * p->size) {
        for (int32_t i = 0; i < p->count; i++) {
            memcpy(out + (p->count - 1 - i) * p->size, in + i * p->size, (size_t)p->size);
        }
    }
}
""",
}  # fmt: skip


def sine(w: ModelWriter) -> tuple[list[int], list[int]]:
    x, y = w.tensor((1, 16, 16), "int8", 0.05, 3), w.tensor((1, 16, 16), "int8", 0.007, 1)
    real, made = w.tensor((1, 16, 16), "float32"), w.tensor((1, 16, 16), "float32")
    w.op("DEQUANTIZE", [x], [real])
    w.op("SIN", [real], [made])
    w.op("QUANTIZE", [made], [y])
    return [x], [y]


def reversed_image(w: ModelWriter) -> tuple[list[int], list[int]]:
    """Between ops that stream: it streams too, without having said a word about schedules."""
    x, a, b, y = (w.tensor((1, 9, 7, 3), "int8", 0.05, 3) for _ in range(4))
    w.op("RELU", [x], [a])
    w.op("REVERSE_V2", [a, w.constant([2])], [b])
    w.op("RELU", [b], [y])
    return [x], [y]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("additions", "build", "most", "equal"),
    [(SIN, sine, 3, 512), (REVERSE, reversed_image, 6, 378)],
    ids=["a table", "a kernel of its own"],
)
def test_an_op_is_added_by_a_few_files(
    additions: dict[str, object], build: object, most: int, equal: int, tmp_path: Path
) -> None:
    pytest.importorskip("ai_edge_litert")
    assert len(additions) <= most
    for folder in ("tinyc", "runtime", "templates", "boards"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name, change in additions.items():
        file = tmp_path / name
        if isinstance(change, str):
            assert not file.exists(), f"{name} is taken: choose another op for this test"
            file.parent.mkdir(exist_ok=True)
            file.write_text(change)
            continue
        assert isinstance(change, tuple)
        text = file.read_text()
        for before, after in change:
            assert text.count(before) == 1, f"{name}: {before}"
            text = text.replace(before, after)
        file.write_text(text)
    (tmp_path / "m.tflite").write_bytes(model(build))  # type: ignore[arg-type]
    done = subprocess.run(
        (sys.executable, "-m", "tinyc", "run", "m.tflite", "--board", "host", "--samples", "2"),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"bit-exact: all {equal} output elements equal" in done.stdout
