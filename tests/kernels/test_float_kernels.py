"""Kernels of float32 through generated C: against LiteRT's reference kernels, and equal bytes by every plan."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from tests.kernels.float_host import run, run_all_plans
from tests.modelgen.writer import ModelWriter
from tests.quantize.floats import Built, Floats, noise
from tinyc.frontends.tflite.floats import load_float_tflite
from tinyc.ir import Array
from tinyc.verify.judge import judge

RELU, RELU_N1, RELU6 = 1, 2, 3
IMAGE = (1, 5, 6, 7)
#: Of two operands.
SHAPES = [
    (IMAGE, IMAGE), (IMAGE, (7,)), (IMAGE, (1, 1, 1, 7)), (IMAGE, (1,)), ((1, 5, 6, 1), IMAGE), (IMAGE, (1, 1, 6, 1)),
    ((1, 5, 1, 7), (1, 1, 6, 7)), ((1, 33), (1, 33)), ((1, 9, 8), (1, 1, 8)), ((3, 1, 4), (1, 5, 1)), ((7,), IMAGE),
    ((2, 3, 2, 1), (1, 1, 2, 9)),
]  # fmt: skip
UNARY = [
    "ABS", "COS", "EXP", "FLOOR", "HARD_SWISH", "LOG", "LOGISTIC", "NEG", "RELU", "RELU6", "RELU_N1_TO_1",
    "RSQRT", "SIGN", "SIN", "SQRT", "SQUARE", "TANH",
]  # fmt: skip
#: Not negative.
ROOTS = ("LOG", "RSQRT", "SQRT")


def pairs(kind: str, **options: object) -> Callable[[Floats], list[int]]:
    shapes = [(a, b) for a, b in SHAPES if kind != "PRELU" or np.broadcast_shapes(a, b) == a]

    def build(f: Floats) -> list[int]:
        made = []
        for a, b in shapes:
            y = f.tensor(*np.broadcast_shapes(a, b))
            f.w.op(kind, [f.tensor(*a), f.tensor(*b)], [y], **options)
            z = f.tensor(*np.broadcast_shapes(a, b))
            constant = np.abs(f.w.tensors[f.weights(*b, scale=2.0)].data) + np.float32(0.25)
            f.w.op(kind, [f.tensor(*a), f.w.tensor(b, "float32", data=constant)], [z], **options)
            made += [y, z]
        return made

    return build


def unary(f: Floats) -> list[int]:
    made = []
    for kind in UNARY:
        for shape in ((1, 1), IMAGE, (1, 31)):
            x = f.tensor(*shape)
            made.append(f.same(kind, f.same("ABS", x) if kind in ROOTS else x))
    made.append(f.same("LEAKY_RELU", f.tensor(*IMAGE), alpha=0.3))
    return made


def gelu(f: Floats) -> list[int]:
    """As near as the input is large: the reference loses as much where 1 and erf nearly cancel."""
    return [f.same("GELU", f.tensor(*IMAGE), approximate=approximate) for approximate in (True, False)]


def vectors(f: Floats) -> list[int]:
    made = []
    for shape in ((1, 1), (1, 9), (1, 3, 4, 33), (4, 10)):
        made.append(f.same("SOFTMAX", f.tensor(*shape), beta=1.5))
        made.append(f.same("LOG_SOFTMAX", f.tensor(*shape)))
        made.append(f.same("L2_NORMALIZATION", f.tensor(*shape)))
    return made


def reductions(f: Floats) -> list[int]:
    made = []
    for kind in ("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN"):
        for axes in ([1, 2], [3], [2], [1, 3], [0, 1, 2, 3], [1]):
            for keep in (True, False):
                shape = [1 if i in axes else n for i, n in enumerate(IMAGE) if keep or i not in axes]
                y = f.tensor(*shape)
                f.w.op(kind, [f.tensor(*IMAGE), f.w.constant(axes)], [y], keep_dims=keep)
                made.append(y)
    return made


def moves(f: Floats) -> list[int]:
    w, made = f.w, []

    def op(kind: str, inputs: list[int], shape: tuple[int, ...], **options: object) -> None:
        y = f.tensor(*shape)
        w.op(kind, inputs, [y], **options)
        made.append(y)

    pads = [[0, 0], [1, 2], [0, 3], [2, 1]]
    op("PAD", [f.tensor(*IMAGE), w.constant(pads)], (1, 8, 9, 10))
    op("PADV2", [f.tensor(3, 4), w.constant([[1, 0], [2, 3]]), w.constant([0.75], "float32")], (4, 9))
    op("MIRROR_PAD", [f.tensor(*IMAGE), w.constant([[0, 0], [1, 2], [2, 1], [0, 0]])], (1, 8, 9, 7), mode=0)
    op("MIRROR_PAD", [f.tensor(4, 5), w.constant([[2, 1], [0, 2]])], (7, 7), mode=1)
    op("TRANSPOSE", [f.tensor(*IMAGE), w.constant([0, 3, 1, 2])], (1, 7, 5, 6))
    op(
        "CONCATENATION",
        [f.tensor(*IMAGE), f.weights(1, 5, 6, 2, scale=1), f.tensor(1, 5, 6, 1)],
        (1, 5, 6, 10),
        axis=3,
    )
    op("CONCATENATION", [f.tensor(*IMAGE), f.tensor(1, 2, 6, 7)], (1, 7, 6, 7), axis=1)
    op("PACK", [f.tensor(1, 9), f.tensor(1, 9)], (1, 2, 9), axis=1, values_count=2)
    op("GATHER", [f.tensor(*IMAGE), w.constant([3, 0, 6])], (1, 5, 6, 3), axis=3)
    op("TILE", [f.tensor(1, 3, 2), w.constant([1, 2, 3])], (1, 6, 6))
    op("SPACE_TO_DEPTH", [f.tensor(1, 4, 6, 5)], (1, 2, 3, 20), block_size=2)
    op("DEPTH_TO_SPACE", [f.tensor(1, 3, 2, 12)], (1, 6, 4, 3), block_size=2)
    slices = [w.constant(v) for v in ([0, 1, 0, 1], [1, 5, 6, 7], [1, 2, 1, 3])]
    op("STRIDED_SLICE", [f.tensor(*IMAGE), *slices], (1, 2, 6, 2))
    op("BROADCAST_TO", [f.tensor(1, 5, 1, 7), w.constant(list(IMAGE))], IMAGE)
    for size, corners, half in (((9, 4), False, True), ((10, 12), False, False), ((9, 11), True, False)):
        options = {"align_corners": corners, "half_pixel_centers": half}
        for kind in ("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"):
            op(kind, [f.tensor(*IMAGE), w.constant(list(size))], (1, *size, 7), **options)
    return made


def logic(f: Floats) -> list[int]:
    """Comparisons choose between two values, and count as numbers."""
    w, made = f.w, []
    for kind in ("LESS", "GREATER_EQUAL", "NOT_EQUAL"):
        mask, other, both = (w.tensor(IMAGE, "bool") for _ in range(3))
        x, y = f.tensor(*IMAGE), f.tensor(*IMAGE)
        w.op(kind, [x, f.tensor(1, 1, 1, 7)], [mask])
        w.op("EQUAL", [x, x], [other])
        w.op("LOGICAL_AND", [mask, other], [both])
        w.op("SELECT_V2", [both, x, y], [z := f.tensor(*IMAGE)])
        w.op("CAST", [mask], [number := f.tensor(*IMAGE)])
        made += [z, number]
    return made


TABLES: dict[str, tuple[Callable[[Floats], list[int]], float]] = {
    "add": (pairs("ADD"), 0),
    "add_relu6": (pairs("ADD", fused_activation_function=RELU6), 0),
    "sub": (pairs("SUB", fused_activation_function=RELU_N1), 0),
    "mul": (pairs("MUL", fused_activation_function=RELU), 0),
    "div": (pairs("DIV"), 0),
    "maximum": (pairs("MAXIMUM"), 0),
    "minimum": (pairs("MINIMUM"), 0),
    "squared_difference": (pairs("SQUARED_DIFFERENCE"), 0),
    "floor_mod": (pairs("FLOOR_MOD"), 0),
    "floor_div": (pairs("FLOOR_DIV"), 0),
    "prelu": (pairs("PRELU"), 0),
    "gelu": (gelu, 8),
    "unary": (unary, 4),
    "vectors": (vectors, 4),
    "reductions": (reductions, 4),
    "moves": (moves, 4),
    "logic": (logic, 0),
}  # fmt: skip


def file(build: Callable[[Floats], list[int]]) -> bytes:
    """A float model: every tensor that nothing makes is an input."""
    writer = ModelWriter()
    outputs = build(Floats(writer))
    made = {o for op in writer.ops for o in op.outputs}
    inputs = [i for i, t in enumerate(writer.tensors) if t.data is None and i not in made]
    return writer.finish(inputs, outputs)


@pytest.mark.parametrize("name", TABLES)
def test_kernels_against_litert(name: str) -> None:
    build, bound = TABLES[name]
    data = file(build)
    graph = load_float_tflite(data, "test.tflite")
    inputs = [noise(*p.type.shape, seed=i, scale=2.0) for i, p in enumerate(graph.inputs)]
    expected = judge(data, tuple(x[None] for x in inputs), "litert")
    if expected is None:
        pytest.skip("litert is not installed")
    for port, got, want in zip(graph.outputs, run(graph, inputs), expected.outputs, strict=True):
        apart = ulps(got, want[0])
        assert apart <= bound, f"{graph.writer(port.tensor)}: {apart} ULP"


def ulps(got: Array, want: Array) -> float:
    """The largest distance, in units in the last place of the element, or of an eighth of the largest one."""
    assert got.shape == want.shape
    size = np.maximum(np.abs(want), np.abs(want).max(initial=0) / np.float32(8)).astype(np.float32)
    apart = np.abs(got.astype(np.float64) - want)
    return float((apart / np.spacing(np.maximum(size, np.float32(2.0**-100)))).max(initial=0))


def streamed(f: Floats) -> Built:
    """Ops that rows flow through, wide at first and narrow at the end."""
    x = f.tensor(1, 24, 20, 3)
    a = f.conv(x, 12)
    b = f.same("TANH", f.same("ADD", a, f.weights(12, scale=0.3)))
    c = f.tensor(1, 26, 22, 12)
    f.w.op("PAD", [b, f.w.constant([[0, 0], [1, 1], [1, 1], [0, 0]])], [c])
    d = f.tensor(1, 13, 11, 48)
    f.w.op("SPACE_TO_DEPTH", [c], [d], block_size=2)
    e = f.conv(d, 8, kernel=1)
    g = f.same("SOFTMAX", f.same("MUL", e, f.same("LOGISTIC", e)), beta=1.0)
    h = f.tensor(1, 26, 33, 8)
    f.w.op("RESIZE_BILINEAR", [g, f.w.constant([26, 33])], [h], half_pixel_centers=True)
    i = f.tensor(1, 26, 33, 16)
    f.w.op("CONCATENATION", [h, f.same("EXP", h)], [i], axis=3)
    j = f.conv(i, 4, stride=2)
    k = f.tensor(1, 4)
    f.w.op("MEAN", [j, f.w.constant([1, 2])], [k], keep_dims=False)
    return [x], [k, j]


def test_every_plan_gives_the_same_bytes() -> None:
    writer = ModelWriter()
    graph = load_float_tflite(writer.finish(*streamed(Floats(writer))), "test.tflite")
    inputs = [noise(*p.type.shape, seed=3) for p in graph.inputs]
    found: list[tuple[npt.NDArray[np.float32], ...]] = []
    arenas = []
    for plan, outputs in run_all_plans(graph, inputs):
        found.append(outputs)
        arenas.append(plan.arena)
    assert len(arenas) > 1 and min(arenas) < graph.type(graph.inputs[0].tensor).bytes * 6
    for outputs in found[1:]:
        for one, other in zip(found[0], outputs, strict=True):
            assert one.tobytes() == other.tobytes()
