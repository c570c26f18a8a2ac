"""The gate for what int8 arithmetic cannot do, on graphs of no front end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tinyc.errors import ModelError
from tinyc.ir import Activation, Graph, Origin, Port, Quant, Reference, Tensor, TensorType, verify
from tinyc.ops.add import Add
from tinyc.ops.check import check_graph
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.guard import LitertRejectsError
from tinyc.ops.logistic import Logistic
from tinyc.ops.window import Padding, Window

IMAGE = (1, 4, 4, 2)


def where(index: int, kind: str) -> Origin:
    return Origin("m", index, kind, f"t{index}")


def graph(out: Quant | None, dtype: str = "int8", reference: Reference = "litert") -> Graph:
    """A convolution and a sum; out: quantization of the sum."""
    quant = Quant((0.5,), (3,)) if dtype == "int8" else None
    kind = TensorType(IMAGE, dtype, quant)
    weights = TensorType((2, 1, 1, 2), dtype, Quant((0.25,), (0,)) if dtype == "int8" else None)
    bias = TensorType((2,), "int32" if dtype == "int8" else dtype)
    tensors = [
        *(Tensor(n, kind) for n in ("x", "t0")),
        Tensor("t1", replace(kind, quant=out)),
        Tensor("w", weights, np.ones(weights.shape)),
        Tensor("b", bias, np.ones(2)),
    ]
    window = Window((1, 1), scheme=Padding.VALID)
    ops = (
        Conv2D(("x", "w", "b"), ("t0",), where(0, "CONV_2D"), window, Activation.RELU6),
        Add(("t0", "x"), ("t1",), where(1, "ADD")),
    )
    table = {t.name: t for t in tensors}
    ports = [Port(n, n, table[n].type) for n in ("x", "t1")]
    return verify(Graph("m", table, ops, (ports[0],), (ports[1],), reference))


def test_a_sound_graph_passes() -> None:
    sound = graph(Quant((1.0,), (0,)))
    assert check_graph(sound) is sound


def test_a_graph_may_be_float() -> None:
    sound = graph(None, "float32")
    assert check_graph(sound) is sound


def test_the_gate_names_every_op_of_a_type_that_has_no_kernels() -> None:
    with pytest.raises(ModelError) as caught:
        check_graph(graph(None, "bool"))
    assert caught.value.message.split("\n") == [
        "m: op 0 CONV_2D 't0': input 0 is bool; only int8 is supported",
        "m: op 1 ADD 't1': input 0 is bool; only int8 is supported",
    ]


def test_scales_that_the_arithmetic_cannot_take_are_refused() -> None:
    with pytest.raises(ModelError, match=r"op 1 ADD 't1': input scales are too large for the output's"):
        check_graph(graph(Quant((1e-7,), (0,))))


def test_what_litert_alone_rejects() -> None:
    op = Logistic(("x",), ("t0",), where(0, "LOGISTIC"))

    def with_logistic(reference: Reference) -> Graph:
        base = graph(Quant((1.0,), (0,)), reference=reference)
        low = Tensor("t0", TensorType(IMAGE, "int8", Quant((0.5,), (-128,))))
        return replace(base, ops=(op,), tensors={**base.tensors, "t0": low})

    with pytest.raises(LitertRejectsError):
        check_graph(with_logistic("litert"))
    check_graph(with_logistic("tflm"))
