"""The outside judge: outputs, intermediate tensors, refusals, and crashes that stay outside."""

from __future__ import annotations

import numpy as np
import pytest

from tests.modelgen import ModelWriter, random_model
from tinyc.errors import ModelError, ToolError
from tinyc.ir import Array
from tinyc.verify.judge import IsolatedJudge, Judged, interpreters, judge, judge_isolated

REFERENCES = ["litert", "tflm"]


def _judged(model: bytes, inputs: tuple[Array, ...], reference: str, *, all_tensors: bool = False) -> Judged:
    found = judge(model, inputs, reference, all_tensors=all_tensors)
    if found is None:
        pytest.skip(f"{reference} is not installed")
    return found


def _two_steps() -> bytes:
    """x, x + x, (x + x) + x: scale 1, 2, 4 and zero points 0."""
    w = ModelWriter("two_steps")
    x, y, z = (w.tensor((1, 4), "int8", s, 0) for s in (1.0, 2.0, 4.0))
    w.op("ADD", [x, x], [y])
    w.op("ADD", [y, x], [z])
    return w.finish([x], [z])


def _softmax(beta: float) -> bytes:
    """Both interpreters abort on a beta so small that the scaled difference of two bytes vanishes."""
    w = ModelWriter("softmax")
    x, y = w.tensor((1, 4), "int8", 0.001, 0), w.tensor((1, 4), "int8", 1 / 256, -128)
    w.op("SOFTMAX", [x], [y], beta=beta)
    return w.finish([x], [y])


X = np.array([[[8, -8, 100, 0]], [[4, 4, 4, -128]]], np.int8)


@pytest.mark.parametrize("reference", REFERENCES)
def test_outputs_of_every_sample(reference: str) -> None:
    judged = _judged(_two_steps(), (X,), reference)
    assert judged.judge == reference
    assert judged.tensors == {}
    (y,) = judged.outputs
    assert y.shape == (2, 1, 4)
    assert y.tolist() == [[[6, -6, 75, 0]], [[3, 3, 3, -96]]]


@pytest.mark.parametrize("reference", REFERENCES)
def test_every_tensor_of_the_last_sample(reference: str) -> None:
    tensors = _judged(_two_steps(), (X,), reference, all_tensors=True).tensors
    assert sorted(tensors) == [0, 1, 2]
    assert tensors[0].tolist() == X[1].tolist()
    assert tensors[1].tolist() == [[4, 4, 4, -128]]
    assert tensors[2].tolist() == [[3, 3, 3, -96]]


@pytest.mark.parametrize("reference", REFERENCES)
def test_constants_are_among_the_tensors(reference: str) -> None:
    case = random_model(0)  # a convolution: input, weights, bias, output
    tensors = _judged(case.data, case.samples(1), reference, all_tensors=True).tensors
    assert sorted(tensors) == [0, 1, 2, 3]
    assert tensors[1].dtype == np.int8
    assert tensors[2].dtype == np.int32


@pytest.mark.parametrize("reference", REFERENCES)
@pytest.mark.parametrize("damage", [b"", b"nonsense", "half"])
def test_a_file_that_is_no_model_is_refused(
    reference: str, damage: bytes | str, capfd: pytest.CaptureFixture[str]
) -> None:
    model = _two_steps()
    broken = model[: len(model) // 2] if isinstance(damage, str) else damage
    if judge(model, (X,), reference) is None:
        pytest.skip(f"{reference} is not installed")
    with IsolatedJudge() as isolated, pytest.raises((ModelError, ToolError), match=reference):
        isolated.judge(broken, (X,), reference)
    assert capfd.readouterr().err == ""


def test_an_interpreter_that_is_missing_gives_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> Judged:
        raise ImportError

    monkeypatch.setattr(interpreters, "_litert", missing)
    assert judge(_two_steps(), (X,), "litert") is None


@pytest.mark.parametrize("reference", REFERENCES)
def test_a_crash_is_an_error_and_the_next_model_is_judged(reference: str) -> None:
    x = np.zeros((1, 1, 4), np.int8)
    if judge(_two_steps(), (x,), reference) is None:
        pytest.skip(f"{reference} is not installed")
    with IsolatedJudge() as isolated:
        with pytest.raises(ToolError, match=rf"the reference interpreter \({reference}\) crashed"):
            isolated.judge(_softmax(1e-6), (x,), reference)
        judged = isolated.judge(_softmax(1.0), (x,), reference)
    assert judged is not None
    assert judged.outputs[0].tolist() == [[[-64] * 4]]


def test_a_hang_is_an_error() -> None:
    with pytest.raises(ToolError, match="did not end within"):
        judge_isolated(_two_steps(), (X,), "litert", timeout=0.0)


@pytest.mark.parametrize("reference", REFERENCES)
def test_isolated_equals_in_process(reference: str) -> None:
    here = _judged(_two_steps(), (X,), reference, all_tensors=True)
    there = judge_isolated(_two_steps(), (X,), reference, all_tensors=True)
    assert there is not None
    assert (there.judge, sorted(there.tensors)) == (here.judge, sorted(here.tensors))
    assert all((there.tensors[i] == here.tensors[i]).all() for i in here.tensors)
    assert (there.outputs[0] == here.outputs[0]).all()


def _elu(dtype: str) -> bytes:
    w = ModelWriter("elu")
    x, y = (w.tensor((1, 4), dtype, *((0.1, 0) if dtype == "int8" else ())) for _ in range(2))
    w.op("ELU", [x], [y])
    return w.finish([x], [y])


def test_a_float_operator_that_the_reference_kernels_lack() -> None:
    x = np.array([[[-1, 0, 1, -30]]], np.float32)
    (y,) = _judged(_elu("float32"), (x,), "litert").outputs
    np.testing.assert_allclose(y, np.where(x < 0, np.expm1(x), x), atol=1e-6)


def test_bytes_are_judged_by_the_reference_kernels_alone() -> None:
    with pytest.raises(ModelError, match="refuses this model"):
        _judged(_elu("int8"), (np.zeros((1, 1, 4), np.int8),), "litert")
