"""Generated networks of uint8, bit-exact with LiteRT: in numpy, as sanitised C on the host, and on emulated boards."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from tests.e2e.batch import Case, wrong
from tests.e2e.tool import FULL, tinyc
from tests.modelgen import KINDS, ModelCase, UnsignedNet, model_of_kind
from tests.ops.agree import check_outputs
from tests.stub_model import needs_qemu
from tinyc.errors import ModelError
from tinyc.frontends import load_tflite
from tinyc.options import Options
from tinyc.passes import optimize
from tinyc.runner import run_model
from tinyc.schedule import plan_layers, plan_smallest
from tinyc.target.boards import load_board
from tinyc.verify.expected import Vectors
from tinyc.verify.judge import IsolatedJudge
from tinyc.verify.vectors import Samples

#: Kinds that LiteRT has no uint8 for, and one whose floats leave int32, where C leaves QUANTIZE undefined.
REFUSED = ("abs", "squared_difference", "batch_matmul", "exp", "exp_of_floats")
#: Kinds whose floats are the C library's: numpy and the boards compare them within what is documented.
OF_LIBM = ("float_tail",)
EACH = 25 if FULL else 5
SAMPLES = 5


@pytest.fixture(scope="module")
def judges() -> Iterator[IsolatedJudge]:
    with IsolatedJudge(timeout=60) as isolated:
        yield isolated


def models(kind: str) -> Iterator[ModelCase]:
    """Models of a kind without an ABS, which LiteRT has for int8 only."""
    made = (model_of_kind(kind, seed, UnsignedNet) for seed in range(1000))
    for _, model in zip(range(EACH), (m for m in made if "ABS[" not in m.description), strict=False):
        yield model


def judged(model: ModelCase, judges: IsolatedJudge) -> Vectors:
    inputs = model.samples(SAMPLES)
    answer = judges.judge(model.data, inputs, "litert")
    if answer is None:
        pytest.skip("litert is not installed")
    return Vectors(inputs, answer.outputs, answer.judge)


@pytest.mark.parametrize("kind", [k for k in KINDS if k not in REFUSED])
def test_numpy_agrees(kind: str, judges: IsolatedJudge) -> None:
    for model in models(kind):
        vectors = judged(model, judges)
        source = load_tflite(model.data, model.name, "litert")
        for graph in (source, optimize(source)):
            for sample in range(SAMPLES):
                outputs = [y[sample] for y in vectors.expected]
                check_outputs(graph, [x[sample] for x in vectors.inputs], outputs)


@pytest.mark.slow
def test_sanitised_on_the_host(judges: IsolatedJudge, tmp_path: Path) -> None:
    cases: list[Case] = []
    for model in (m for kind in KINDS if kind not in (*REFUSED, *OF_LIBM) for m in models(kind)):
        source = load_tflite(model.data, model.name, "litert")
        graph, vectors, name = optimize(source), judged(model, judges), f"u{len(cases)}"
        planner = plan_layers if len(cases) % 5 == 0 else plan_smallest
        plan = planner(graph, ("scalar", "ref") if len(cases) % 2 else ("ref",))
        cases.append(Case(name, model.description, graph, plan, vectors))
    assert not wrong(cases, tmp_path)


@needs_qemu
@pytest.mark.emulator
@pytest.mark.slow
@pytest.mark.parametrize("board", ["mps2-an386", "mps3-an547"])
@pytest.mark.parametrize(
    "kind", ["conv_2d", "depthwise_conv_2d", "residual", "classifier", "upsample_skip", "wild"]
)
def test_on_the_emulated_board(kind: str, board: str, tmp_path: Path) -> None:
    pytest.importorskip("ai_edge_litert")
    for model in islice(models(kind), EACH if FULL else 2):
        file = tmp_path / f"{model.name}.tflite"
        file.write_bytes(model.data)
        result = run_model(file, Options(load_board(board)), Samples(count=2, seed=model.seed))
        assert (result.json["bit_exact"], result.json["judge"]) == (True, "litert"), model.description


@pytest.mark.parametrize("kind", [k for k in REFUSED if k != "exp_of_floats"])
def test_what_only_int8_has_is_refused(kind: str) -> None:
    with pytest.raises(ModelError, match="is uint8; only int8 is supported"):
        load_tflite(model_of_kind(kind, 0, UnsignedNet).data, "m.tflite", "litert")


def test_tflm_has_no_uint8(tmp_path: Path) -> None:
    file = tmp_path / "m.tflite"
    file.write_bytes(model_of_kind("classifier", 0, UnsignedNet).data)
    done = tinyc("compile", file, "--board", "host", "-o", tmp_path / "out", "--reference", "tflm")
    assert done.status == 2
    assert "m.tflite: this is a uint8 model; TFLM computes in int8 only (tflm)" in done.err
    assert done.err.count("\n") <= 2, done.err
