"""Real models: every tensor that an op writes equals the interpreters'."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ops.agree import BOTH, check
from tinyc.frontends import load_tflite
from tinyc.frontends.floats import load_float_model

INT8 = [
    "ad01_int8",
    "hello_world_int8",
    "kws_int8",
    "mcunet_vww",
    "micro_speech_int8",
    "person_detect",
    "resnet8_int8",
    "sww_int8",
    "vww_96_int8",
]


@BOTH
@pytest.mark.parametrize("name", INT8)
def test_every_tensor_equals_the_interpreters(name: str, reference: str, shared: Path) -> None:
    graph = check((shared / "models" / f"{name}.tflite").read_bytes(), reference, count=2)
    assert graph.reference == ("tflm" if name == "person_detect" else reference)


@BOTH
def test_the_example(reference: str, digits: Path) -> None:
    check(digits.read_bytes(), reference)


@pytest.mark.parametrize(
    ("name", "macs"),
    [
        ("ad01_int8", 264_192),
        ("kws_int8", 2_656_768),
        ("person_detect", 7_157_888),
        ("resnet8_int8", 12_501_632),
        ("sww_int8", 826_368),
        ("vww_96_int8", 7_489_664),
    ],
)
def test_nominal_macs(name: str, macs: int, shared: Path) -> None:
    data = (shared / "models" / f"{name}.tflite").read_bytes()
    assert load_tflite(data, name, "litert").macs() == macs


@pytest.mark.parametrize(
    ("name", "macs"),
    [
        ("ad01_float", 264_192),
        ("kws_float", 2_656_768),
        ("resnet8_float", 12_501_632),
        ("vww_96_float", 7_489_664),
    ],
)
def test_float_models_are_graphs_of_float32(name: str, macs: int, shared: Path) -> None:
    graph = load_float_model(shared / "models" / f"{name}.tflite").graph
    assert {graph.type(n).dtype for op in graph.ops for n in op.outputs} == {"float32"}
    assert graph.macs() == macs
