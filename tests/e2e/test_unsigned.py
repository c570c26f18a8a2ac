"""Generated networks of uint8, bit-exact with LiteRT: in numpy, as sanitised C on the host, and on emulated boards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from tests.e2e.batch import Case, wrong
from tests.e2e.tool import FULL, make, tinyc
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
#: Kinds whose outputs are floats of the C library; tests of int8 have them.
OF_LIBM = ("float_tail", "float_values", "float_pair")
COMPARED = [k for k in KINDS if k not in (*REFUSED, *OF_LIBM)]
EACH = 25 if FULL else 5
SAMPLES = 5


@pytest.fixture(scope="module")
def judges() -> Iterator[IsolatedJudge]:
    with IsolatedJudge(timeout=60) as isolated:
        yield isolated


def models(kind: str) -> Iterator[ModelCase]:
    """Models of a kind without ABS, which LiteRT has for int8 only, and CAST, which tinyc has so."""
    made = (model_of_kind(kind, seed, UnsignedNet) for seed in range(1000))
    taken = (m for m in made if not {"ABS", "CAST"} & set(re.findall(r"[A-Z_0-9]+(?=\[)", m.description)))
    for _, model in zip(range(EACH), taken, strict=False):
        yield model


def judged(model: ModelCase, judges: IsolatedJudge) -> Vectors:
    inputs = model.samples(SAMPLES)
    answer = judges.judge(model.data, inputs, "litert")
    if answer is None:
        pytest.skip("litert is not installed")
    return Vectors(inputs, answer.outputs, answer.judge)


@pytest.mark.parametrize("kind", COMPARED)
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
    for model in (m for kind in COMPARED for m in models(kind)):
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
    "kind", ["conv_2d", "depthwise_conv_2d", "residual", "classifier", "dense", "upsample_skip", "wild"]
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


def test_layers_are_compared(tmp_path: Path) -> None:
    file = tmp_path / "m.tflite"
    file.write_bytes(model_of_kind("residual", 1, UnsignedNet).data)
    done = tinyc("run", file, "--board", "host", "--layers")
    assert done.status == 0, done.err
    assert "every layer equal" in done.out, done.out


def test_the_interface_stays_uint8(tmp_path: Path) -> None:
    file = tmp_path / "m.tflite"
    file.write_bytes(model_of_kind("classifier", 2, UnsignedNet).data)
    for mode in ("resident", "rows"):
        out = tmp_path / mode
        done = tinyc("compile", file, "--board", "host", "-o", out, "--input", mode)
        assert done.status == 0, done.err
        header = (out / "m.h").read_text()
        assert "const uint8_t *m_output(void);" in header
        assert "#define M_OUTPUT_ZERO_POINT (128)" in header
        assert ("uint8_t *m_input(void);" in header) == (mode == "resident")
        ran = make(out, "run")
        assert "PASS" in ran.out, ran.out + ran.err


@pytest.mark.slow
def test_deeplab(shared: Path) -> None:
    """Coral's segmentation network: uint8 but for the int64 that ARG_MAX gives."""
    pytest.importorskip("ai_edge_litert")
    file = shared / "wild" / "coral_deeplab_dm05.tflite"
    if not file.exists():
        pytest.skip(f"{file.name} is not there")
    result = run_model(file, Options(load_board("host")), Samples(count=1, seed=3))
    assert (result.json["bit_exact"], result.json["judge"]) == (True, "litert")
