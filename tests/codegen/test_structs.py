"""A parameter struct has every field of its C type: what an initialiser leaves out is 0 in C, without a word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from tests.kernels.float_layers import FloatTable
from tests.kernels.layers import Table
from tests.kernels.test_float_kernels import TABLES as FLOAT_TABLES
from tests.kernels.test_float_kernels import file
from tests.kernels.test_floats import convs
from tests.kernels.test_floats import others as float_layers
from tests.kernels.test_packed import TABLES as PACKED_TABLES
from tests.kernels.test_variants import TABLES
from tests.modelgen import KINDS, ModelWriter, UnsignedNet, model_of_kind, random_model
from tests.ops.agree import model
from tinyc.codegen.structs import Field, check_struct, header_structs, parse_structs
from tinyc.errors import InternalError, ModelError
from tinyc.frontends import load_tflite
from tinyc.frontends.tflite.floats import load_float_tflite
from tinyc.ir import Graph
from tinyc.kernels import Lowering, Ref, Struct, each_lowering
from tinyc.kernels.base import Constant, Value
from tinyc.kernels.cmsis_nn import NAME, NAME_MVE
from tinyc.passes import optimize
from tinyc.paths import data_dir

#: Every instruction set with what it builds on, so that each lowering of each op is met.
ISAS = (
    ("mve", "dsp", "scalar", "ref"),
    (NAME, "dsp", "rv32", "scalar", "ref"),
    (NAME_MVE, "mve", "ref"),
)
SEEDS = range(len(KINDS))
#: Of uint8: so many that some have weights beyond a byte, of all channels and of a few.
UNSIGNED_SEEDS = 8
FIELDS: tuple[tuple[str, Value], ...] = (
    ("x_zp", -128),
    ("alpha_zp", 0),
    ("out_zp", 127),
    ("multiplier", 2**31 - 1),
    ("shift", -31),
    ("alpha_multiplier", 1),
    ("alpha_shift", 0),
)
PRELU = Struct("tc_prelu_params", FIELDS)


def floats(w: ModelWriter) -> tuple[list[int], list[int]]:
    """NEG of a float border, which leaves QUANTIZE and DEQUANTIZE inside the graph."""
    x, n, d, y = (w.tensor((1, 5), "float32") for _ in range(4))
    q = w.tensor((1, 5), "int8", 0.03, 3)
    w.op("NEG", [x], [n])
    w.op("QUANTIZE", [n], [q])
    w.op("DEQUANTIZE", [q], [d])
    w.op("NEG", [d], [y])
    return [x], [y]


def island(w: ModelWriter) -> tuple[list[int], list[int]]:
    """Of two tensors in float32: a sum, a comparison, and a softmax at the end."""
    x, y = (w.tensor((1, 5), "int8", 0.03, 3) for _ in range(2))
    a, b, s, soft = (w.tensor((1, 5), "float32") for _ in range(4))
    above = w.tensor((1, 5), "bool")
    w.op("DEQUANTIZE", [x], [a])
    w.op("DEQUANTIZE", [y], [b])
    w.op("ADD", [a, b], [s])
    w.op("GREATER", [s, a], [above])
    w.op("SOFTMAX", [s], [soft], beta=1.0)
    return [x, y], [above, soft]


def others(w: ModelWriter) -> tuple[list[int], list[int]]:
    """What random models do not have: PAD of the first dimension, ARG_MAX, an output that is a constant."""
    x, padded = w.tensor((2, 5), "int8", 0.03, 3), w.tensor((3, 7), "int8", 0.03, 3)
    most = w.tensor((3,), "int32")
    w.op("PAD", [x, w.constant([[0, 1], [1, 1]])], [padded])
    w.op("ARG_MAX", [padded, w.constant(1)], [most], output_type=2)
    return [x], [most, w.constant([1, 2])]


def tiny(w: ModelWriter) -> tuple[list[int], list[int]]:
    """A dense layer of a scale below 2**-31, which no integer multiplier reproduces."""
    x, y = w.tensor((1, 3), "int8", 1e-7, 3), w.tensor((1, 2), "int8", 50.0, 4)
    weights = w.tensor((2, 3), "int8", 1e-7, 0, data=[[1, 0, -1], [0, 2, 1]])
    w.op("FULLY_CONNECTED", [x, weights, -1], [y])
    return [x], [y]


def graphs() -> Iterator[Graph]:
    for seed in SEEDS:
        for reference in ("litert", "tflm"):
            try:
                yield optimize(load_tflite(random_model(seed).data, "model", reference))
            except ModelError:
                continue
    for fill in (*TABLES, *PACKED_TABLES):
        table = Table(seed=1)
        fill(table)
        yield table.graph()
    for kind in ("conv_2d", "depthwise_conv_2d", "transpose_conv"):
        for seed in range(UNSIGNED_SEEDS):
            unsigned = model_of_kind(kind, seed, UnsignedNet).data
            yield optimize(load_tflite(unsigned, "model", "litert"))
    yield from float_graphs()
    for build in (floats, island, others, tiny):
        yield load_tflite(model(build), build.__name__, "litert")


def float_graphs() -> Iterator[Graph]:
    for layers in (convs, float_layers):
        table = FloatTable(1)
        layers(table)
        yield table.graph()
    for build, _ in FLOAT_TABLES.values():
        yield load_float_tflite(file(build), "floats")


def lowerings() -> Iterator[Lowering]:
    for graph in graphs():
        for op in graph.ops:
            for isas in ISAS:
                yield from each_lowering(op, graph, isas)


def parameter_types() -> set[str]:
    """What kernels take by pointer, and the structs inside: all but what the model's template writes itself."""
    text = "\n".join(f.read_text() for f in sorted((data_dir("runtime") / "include/tinyc").glob("*.h")))
    prototypes = re.findall(r"^void tc_\w+\(([^;]*)\);", text, re.MULTILINE)
    taken = {t for p in prototypes for t in re.findall(r"const (tc_\w+) \*", p)} - {"tc_span"}
    return taken | {f.ctype for t in taken for f in header_structs()[t] if f.ctype in header_structs()}


def test_every_generated_struct_has_all_fields_of_its_header_and_every_type_is_met() -> None:
    met: set[str] = set()
    for low in lowerings():
        for struct in (s for call in low.calls for s in call.structs):
            check_struct(struct, low.constants)
            inside = dict(struct.fields)
            met |= {struct.ctype} | {
                f.ctype for f in header_structs()[struct.ctype] if isinstance(inside[f.name], dict)
            }
    assert met == parameter_types()


def test_headers_are_read_whole() -> None:
    folder = data_dir("runtime") / "include/tinyc"
    contracts = (*folder.glob("*.h"), *folder.glob("*/matmul.h"))
    defined = {n for f in contracts for n in re.findall(r"^\} (\w+);", f.read_text(), re.MULTILINE)}
    assert set(header_structs()) == defined - {"tc_status"}
    assert header_structs()["tc_binary_params"][0] == Field("a", "tc_operand")
    assert header_structs()["tc_conv2d_params"][-1] == Field("shifts", "int8_t *")
    assert header_structs()["tc_broadcast"][0] == Field("dims", "int32_t", 6)


def without(name: str) -> Struct:
    return replace(PRELU, fields=tuple(f for f in FIELDS if f[0] != name))


def changed(name: str, value: Value) -> Struct:
    return replace(PRELU, fields=tuple((n, value if n == name else v) for n, v in FIELDS))


@pytest.mark.parametrize(
    ("struct", "reason"),
    [
        (without("shift"), "the header has x_zp, alpha_zp"),
        (without("alpha_shift"), "the header has x_zp, alpha_zp"),
        (replace(PRELU, fields=(FIELDS[1], FIELDS[0], *FIELDS[2:])), "fields alpha_zp, x_zp"),
        (replace(PRELU, fields=(*FIELDS, ("more", 1))), "more; the header has"),
        (replace(PRELU, ctype="tc_new_params"), "tc_new_params: no header"),
        (changed("multiplier", 2**31), "tc_prelu_params.multiplier: 2147483648 is no value of int32_t"),
        (changed("multiplier", 0.5), "0.5 is no value of int32_t"),
        (changed("multiplier", (1, 2)), r"\(1, 2\) is no value of int32_t"),
        (changed("multiplier", Ref("multipliers")), "is no value of int32_t"),
        (changed("multiplier", {"depth": 1}), "is no value of int32_t"),
    ],
)
def test_struct_that_does_not_fit_its_header_is_refused(struct: Struct, reason: str) -> None:
    with pytest.raises(InternalError, match=reason):
        check_struct(struct, ())


def test_arrays_pointers_and_structs_inside_hold_what_their_types_say() -> None:
    strides: tuple[tuple[str, Value], ...] = (("a_stride", (0,) * 6), ("b_stride", (0,) * 6))
    refused = (
        (Struct("tc_broadcast", (("dims", (1, 2)), *strides)), r"dims: \(1, 2\) is no value of int32_t\[6\]"),
        (Struct("tc_broadcast", (("dims", 1), *strides)), "dims: 1 is no value"),
        (
            Struct("tc_conv2d_1x1_mve_params", (("product", {"depth": 1}),)),
            "tc_matmul_mve: fields depth; the",
        ),
        (Struct("tc_conv2d_1x1_mve_params", (("product", 1),)), "product: 1 is no value"),
    )
    for struct, reason in refused:
        with pytest.raises(InternalError, match=reason):
            check_struct(struct, ())


def test_pointer_takes_only_a_constant_of_its_type() -> None:
    fields = header_structs()["tc_fully_connected_params"]
    names = {"multipliers": Ref("multipliers"), "shifts": Ref("shifts")}
    struct = Struct("tc_fully_connected_params", tuple((f.name, names.get(f.name, 0)) for f in fields))

    def constants(shifts: str) -> tuple[Constant, ...]:
        data = np.zeros(1, np.int32)
        return Constant("multipliers", "int32_t", data), Constant("shifts", shifts, data)

    check_struct(struct, constants("int8_t"))
    with pytest.raises(InternalError, match=r"shifts: Ref\(constant='shifts'\) is no value of int8_t \*"):
        check_struct(struct, constants("int32_t"))


def test_what_the_parser_does_not_understand_is_an_error() -> None:
    assert parse_structs("enum { TC_N = 3 }; typedef struct { int8_t x[TC_N - 1]; } tc_x;") == {
        "tc_x": (Field("x", "int8_t", 2),)
    }
    with pytest.raises(InternalError, match="tc_x: `int8_t x : 3` is no field"):
        parse_structs("typedef struct { int8_t x : 3; } tc_x;")
