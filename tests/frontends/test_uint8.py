"""uint8 at the interface of an int8 network: what converters write for images, and the C type that users see."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.batch import make_case, wrong
from tests.e2e.tool import make, tinyc
from tests.modelgen.writer import ModelWriter
from tests.ops.agree import BOTH, check, model, samples
from tinyc.frontends import load_tflite
from tinyc.verify.expected import Vectors
from tinyc.verify.judge import judge

#: Scale and zero point outside and inside: only the sign bit differs; everything does.
QUANTS = [
    ((0.1, 131), (0.1, 3)),
    ((0.1, 131), (0.07, -20)),
    ((1.0, 0), (1.0, -128)),
    ((0.013, 255), (0.031, 5)),
]


def network(
    w: ModelWriter, outer: tuple[float, int], inner: tuple[float, int]
) -> tuple[list[int], list[int]]:
    """uint8 image -> QUANTIZE -> RELU -> AVERAGE_POOL_2D -> QUANTIZE -> uint8."""
    image = w.tensor((1, 7, 5, 3), "uint8", *outer)
    x, y = (w.tensor((1, 7, 5, 3), "int8", *inner) for _ in range(2))
    small = w.tensor((1, 3, 2, 3), "int8", *inner)
    out = w.tensor((1, 3, 2, 3), "uint8", *outer)
    w.op("QUANTIZE", [image], [x])
    w.op("RELU", [x], [y])
    w.op("AVERAGE_POOL_2D", [y], [small], padding=1, filter_height=2, filter_width=2, stride_h=2, stride_w=2)
    w.op("QUANTIZE", [small], [out])
    return [image], [out]


@BOTH
@pytest.mark.parametrize("quants", QUANTS)
def test_agrees_with_the_reference(
    quants: tuple[tuple[float, int], tuple[float, int]], reference: str
) -> None:
    check(model(lambda w: network(w, *quants)), reference, count=6)


@BOTH
@pytest.mark.slow
def test_as_sanitised_c(reference: str, tmp_path: Path) -> None:
    cases = []
    for number, quants in enumerate(QUANTS):
        data = model(lambda w, quants=quants: network(w, *quants))
        source = load_tflite(data, "m", reference)
        inputs = tuple(samples(source, 3, seed=number))
        expected = judge(data, inputs, reference)
        if expected is None:
            pytest.skip(f"{reference} is not installed")
        vectors = Vectors(inputs, expected.outputs, reference)
        cases.append(make_case(f"u{number}", str(quants), source, vectors))
    assert not wrong(cases, tmp_path)


def test_the_interface_is_uint8(tmp_path: Path) -> None:
    file = tmp_path / "photo.tflite"
    file.write_bytes(model(lambda w: network(w, *QUANTS[0])))
    for mode in ("resident", "rows"):
        out = tmp_path / mode
        done = tinyc("compile", file, "--board", "host", "-o", out, "--input", mode)
        assert done.status == 0, done.err
        header = (out / "photo.h").read_text()
        assert "const uint8_t *photo_output(void);" in header
        assert "#define PHOTO_OUTPUT_ZERO_POINT (131)" in header
        assert ("uint8_t *photo_input(void);" in header) == (mode == "resident")
        ran = make(out, "run")
        assert "PASS" in ran.out, ran.out + ran.err


def test_only_the_sign_bit_costs_no_table(tmp_path: Path) -> None:
    kernels = []
    for number, quants in enumerate(QUANTS[:2]):
        file = tmp_path / f"m{number}.tflite"
        file.write_bytes(model(lambda w, quants=quants: network(w, *quants)))
        out = tmp_path / f"out{number}"
        assert tinyc("compile", file, "--board", "host", "-o", out).status == 0
        kernels.append({path.name for path in (out / "runtime/src/kernels/lookup").iterdir()})
    assert "tc_flip_s8_ref.c" in kernels[0]
    assert "tc_flip_s8_ref.c" not in kernels[1]
