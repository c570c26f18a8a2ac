"""Kernels that call CMSIS-NN: with a stub of its API, and with the real one in $TINYC_CMSIS_NN."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.kernels.layers import Table
from tests.kernels.on_board import differing, in_pieces
from tests.kernels.test_variants import dense, depthwise, elementwise, pointwise, pools, windows
from tests.stub_model import needs_arm_gcc, needs_qemu
from tinyc.cli import run
from tinyc.codegen.projects.cmsis_nn import library_files, problem
from tinyc.compiler import compile_model
from tinyc.ir import Graph, Origin, Quant, Tensor, TensorType
from tinyc.kernels.cmsis_nn.vector import lower_softmax
from tinyc.numerics.softmax import exps
from tinyc.ops.softmax import Softmax
from tinyc.options import Options
from tinyc.runner import run_model
from tinyc.target.boards import load_board
from tinyc.verify.vectors import Samples

STUB = Path(__file__).parent / "cmsis_nn_stub"
REAL = Path(os.environ.get("TINYC_CMSIS_NN", ""))
needs_real = pytest.mark.skipif(
    "TINYC_CMSIS_NN" not in os.environ, reason="TINYC_CMSIS_NN does not name a checkout of CMSIS-NN"
)

#: What CMSIS-NN has kernels for, and which calls it must have got.
USED: dict[Callable[[Table], None], set[str]] = {
    pointwise: {"tc_conv2d_s8_cmsis"},
    windows: {"tc_conv2d_s8_cmsis"},
    depthwise: {"tc_depthwise_conv2d_s8_cmsis"},
    dense: {"tc_fully_connected_s8_cmsis"},
    elementwise: {"tc_add_s8_cmsis"},
    pools: {"tc_average_pool2d_s8_cmsis", "tc_max_pool2d_s8_cmsis"},
}


_PIECE = 1 << 11
"""Bytes of a graph's tensors: offsets of many that live at once take long to solve."""


def check_table(
    fill: Callable[[Table], None], board: str, isas: tuple[str, ...], library: Path, place: Path
) -> None:
    table = Table(seed=len(fill.__name__))
    fill(table)
    used: set[str] = set()
    # CMSIS-NN rounds as TFLM does
    graphs = in_pieces(replace(table.graph(), reference="tflm"), _PIECE)
    for number, graph in enumerate(graphs):
        samples = [table.bytes(graph, extreme) for extreme in (True, False)]
        wrong, kernels = differing(graph, samples, load_board(board), isas, place / str(number), library)
        assert not wrong, "\n".join(wrong)
        used |= kernels
    assert used >= USED[fill]


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize("fill", tuple(USED)[1:], ids=lambda f: f.__name__)
def test_calls_of_the_stub_equal_numpy(fill: Callable[[Table], None], tmp_path: Path) -> None:
    check_table(fill, "mps2-an386", ("cmsis-nn", "ref"), STUB, tmp_path)


@needs_real
@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize(
    ("board", "isas"), [("mps2-an386", ("cmsis-nn", "ref")), ("mps3-an547", ("cmsis-nn-mve", "ref"))]
)
@pytest.mark.parametrize("fill", tuple(USED), ids=lambda f: f.__name__)
def test_calls_of_the_real_one_equal_numpy(
    fill: Callable[[Table], None], board: str, isas: tuple[str, ...], tmp_path: Path
) -> None:
    check_table(fill, board, isas, REAL, tmp_path)


@needs_real
@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize("board", ["mps2-an386", "mps3-an547"])
def test_a_model_with_the_real_one_is_exact(digits: Path, board: str) -> None:
    result = run_model(digits, Options(load_board(board), library=REAL), Samples(3, 1))
    assert result.json["bit_exact"]
    kernels = {layer["kernel"] for layer in result.report["layers"]}
    assert {"tc_conv2d_s8_cmsis", "tc_softmax_s8_cmsis"} <= kernels


@needs_arm_gcc
def test_a_model_takes_ours_where_there_is_none_and_says_why(digits: Path) -> None:
    compiled = compile_model(digits, Options(load_board("mps2-an386"), library=STUB), Samples(1, 1))
    by_op = {layer["op"]: layer for layer in compiled.report["layers"]}
    assert "tc_conv2d_s8_cmsis" in {layer["kernel"] for layer in compiled.report["layers"]}
    assert by_op["FULLY_CONNECTED"]["kernel"] == "tc_fully_connected_once_s8_dsp"
    assert "CMSIS-NN rounds twice" in by_op["FULLY_CONNECTED"]["why"]
    copied = {path for path in compiled.files if path.startswith("cmsis-nn/")}
    assert copied >= {"cmsis-nn/LICENSE", "cmsis-nn/Source/arm_stub_window.c"}
    assert "cmsis-nn/Source/arm_fully_connected_s8.c" not in copied


def test_what_is_called_comes_along() -> None:
    files = library_files(STUB, ["arm_convolve_wrapper_s8(&context);", '#include "arm_nnfunctions.h"'])
    assert set(files) == {
        "cmsis-nn/LICENSE",
        "cmsis-nn/Include/arm_nn_types.h",
        "cmsis-nn/Include/arm_nnfunctions.h",
        "cmsis-nn/Include/arm_nnsupportfunctions.h",
        "cmsis-nn/Source/arm_convolve_wrapper_s8.c",
        "cmsis-nn/Source/arm_stub_window.c",
    }


@pytest.mark.parametrize("beta", [0.1, 1.0, 10.0])
def test_softmax_ignores_the_same_differences(beta: float) -> None:
    x = TensorType((1, 10), "int8", Quant((0.05,), (3,)))
    op = Softmax(("x",), ("y",), Origin("", 0, "SOFTMAX", ""), beta)
    graph = Graph("g", {"x": Tensor("x", x, None)}, (op,), (), ())
    fields = dict(lower_softmax(op, graph).calls[0].structs[0].fields)
    assert min(-int(str(fields["diff_min"])), 255) + 1 == len(exps(x, op.beta))


@pytest.mark.parametrize(
    ("place", "board", "said"),
    [
        ("nowhere", "mps2-an386", "is no folder"),
        ("", "mps2-an386", "has no Include/arm_nnfunctions.h"),
        (str(STUB), "hifive1-revb", "it is for Cortex-M"),
        (str(STUB), "host", "it is for Cortex-M"),
    ],
)
def test_paths_and_boards_that_do_not_do(
    place: str, board: str, said: str, digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kernels = f"cmsis-nn={tmp_path / place}"
    status = run(
        ["compile", str(digits), "--board", board, "--kernels", kernels, "-o", str(tmp_path / "out")]
    )
    assert status == 64
    told = " ".join(capsys.readouterr().err.split())
    assert said in told
    assert not (tmp_path / "out").exists()


def test_the_stub_looks_like_a_checkout(tmp_path: Path) -> None:
    assert problem(STUB) is None
    assert problem(tmp_path) is not None
