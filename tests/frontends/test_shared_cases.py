"""Small files after public reports, which are no part of the project: they run exactly, or say what they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ops.agree import BOTH, check
from tinyc.errors import ModelError
from tinyc.frontends import load_tflite
from tinyc.frontends.source import read_model

#: File, and the options that it asks for.
RUNS = {
    "batch4": {},
    "const_output": {},
    "conv_qdim3": {},
    "dup_outputs": {},
    "dw_dynamic_hw": {"shapes": [("", (1, 9, 7, 4))]},
    "external_buffers": {},
    "in_is_out": {},
    "reshape_fanout": {},
    "two_signatures": {"signature": "enc"},
    "two_subgraphs_unused": {},
}
#: File, and what it is told.
ASKS = {
    "dw_dynamic_hw": "leaves its shape open",
    "mobilenet_dynamic": "beta times the input's scale is too small",
    "two_signatures": "2 signatures: dec, enc",
}


def case(shared: Path, name: str) -> Path:
    file = shared / "cases" / f"{name}.tflite"
    if not file.exists():
        pytest.skip(f"{file.name} is not here")
    return file


@BOTH
@pytest.mark.parametrize("name", RUNS)
def test_runs_as_the_reference_does(name: str, reference: str, shared: Path) -> None:
    if (name, reference) == ("external_buffers", "tflm"):
        pytest.skip("TFLM does not look behind the flatbuffer")
    check(read_model(case(shared, name), **RUNS[name]).data, reference)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ASKS)
def test_says_what_is_missing(name: str, shared: Path) -> None:
    file = case(shared, name)
    with pytest.raises(ModelError, match=ASKS[name]) as caught:
        load_tflite(read_model(file).data, file.name, "litert")
    assert "convert it with a batch of 1" not in caught.value.hint
