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
CLIPPED = {
    "tinyc/ops/relu_0_to_1.py": '''"""RELU_0_TO_1: x clipped to [0, 1]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.numerics.sigmoid import Float32
from tinyc.ops.function import Function


@dataclass(frozen=True)
class Relu0To1(Function):
    """inputs: x float32; output: the same, clipped to [0, 1]."""

    kind: ClassVar[str] = "relu_0_to_1"

    def real(self, x: Float32) -> Float32:
        return np.clip(x, np.float32(0), np.float32(1))
''',
    "tinyc/frontends/tflite/elementwise.py": (
        (
            "from tinyc.ops.requantize import",
            "from tinyc.ops.relu_0_to_1 import Relu0To1\nfrom tinyc.ops.requantize import",
        ),
        (
            '    Operator("SIN",',
            '    Operator("RELU_0_TO_1", plain(Relu0To1), supported="of float32"),\n    Operator("SIN",',
        ),
    ),
}

#: An op with a kernel of its own: what it means, its reader and row, the kernel's parameters, and the kernel.
DIAGONAL = {
    "tinyc/ops/matrix_diag.py": '''"""MATRIX_DIAG: a vector as the diagonal of a matrix of bytes 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, Operand, Operands, Reference, TensorType


@dataclass(frozen=True)
class MatrixDiag(Op):
    """inputs: x [..., n] int8; output: [..., n, n], int8."""

    x = Operand(0)

    kind: ClassVar[str] = "matrix_diag"

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        return ((*types.x.shape, types.x.shape[-1]),)

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        return (values.x[..., None] * np.eye(values.x.shape[-1], dtype=np.int8),)
''',
    "tinyc/frontends/tflite/move.py": (
        ("from tinyc.ops.mirror_pad", "from tinyc.ops.matrix_diag import MatrixDiag\nfrom tinyc.ops.mirror_pad"),
        (
            '    Operator("TILE",',
            '    Operator("MATRIX_DIAG", plain(MatrixDiag), "any", ("MatrixDiagOptions",)),\n    Operator("TILE",',
        ),
    ),
    "tinyc/kernels/matrix_diag.py": '''"""MATRIX_DIAG in C."""

from __future__ import annotations

from math import prod

from tinyc.ir import Graph
from tinyc.kernels.access import SameUnit, Units
from tinyc.kernels.base import Argument, Call, Lowering, Result, Struct
from tinyc.ops.matrix_diag import MatrixDiag


def lower(op: MatrixDiag, graph: Graph) -> Lowering:
    shape = graph.type(op.x).shape
    params = Struct("tc_matrix_diag_params", (("size", shape[-1]),))
    units = Result(Units(prod(shape[:-1])))
    return Lowering(
        (Call("tc_matrix_diag_s8_ref", "matrix_diag", (params,), (Argument(0, SameUnit()),), writes=(units,)),)
    )
''',
    "tinyc/kernels/__init__.py": (
        ("    mean,\n", "    matrix_diag,\n    mean,\n"),
        ("from tinyc.ops.mean import", "from tinyc.ops.matrix_diag import MatrixDiag\nfrom tinyc.ops.mean import"),
        ("    (Softmax, ", "    (MatrixDiag, only(matrix_diag.lower)),\n    (Softmax, "),
    ),
    "runtime/include/tinyc/matrix_diag.h": """#ifndef TINYC_MATRIX_DIAG_H
#define TINYC_MATRIX_DIAG_H

#include "tinyc/kernel.h"

typedef struct {
    int32_t size; /* elements of a vector */
} tc_matrix_diag_params;

/* in: [units, size]; out: [units, size, size], bytes 0 but for the diagonals. Portable. */
void tc_matrix_diag_s8_ref(const tc_matrix_diag_params *p, const int8_t *in, int8_t *out, int32_t units);

#endif
""",
    "runtime/src/kernels/matrix_diag/tc_matrix_diag_s8_ref.c": """#include "tinyc/matrix_diag.h"

TC_KERNEL void tc_matrix_diag_s8_ref(const tc_matrix_diag_params *p, const int8_t *in, int8_t *out, int32_t units)
{
    for (int32_t u = 0; u < units; u++, in += p->size) {
        for (int32_t y = 0; y < p->size; y++) {
            for (int32_t x = 0; x < p->size; x++) {
                *out++ = x == y ? in[x] : 0;
            }
        }
    }
}
""",
}  # fmt: skip


def clipped(w: ModelWriter) -> tuple[list[int], list[int]]:
    x, y = w.tensor((1, 16, 16), "int8", 0.05, 3), w.tensor((1, 16, 16), "int8", 0.007, 1)
    real, made = w.tensor((1, 16, 16), "float32"), w.tensor((1, 16, 16), "float32")
    w.op("DEQUANTIZE", [x], [real])
    w.op("RELU_0_TO_1", [real], [made])
    w.op("QUANTIZE", [made], [y])
    return [x], [y]


def diagonals(w: ModelWriter) -> tuple[list[int], list[int]]:
    """Between ops that stream: it streams too, without having said a word about schedules."""
    x, a = (w.tensor((1, 9, 7), "int8", 0.05, 3) for _ in range(2))
    b, y = (w.tensor((1, 9, 7, 7), "int8", 0.05, 3) for _ in range(2))
    w.op("RELU", [x], [a])
    w.op("MATRIX_DIAG", [a], [b])
    w.op("RELU", [b], [y])
    return [x], [y]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("additions", "build", "most", "equal"),
    [(CLIPPED, clipped, 3, 512), (DIAGONAL, diagonals, 6, 882)],
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
