"""Structural attacks: valid flatbuffers whose contents make no sense. Shapes, attributes, operands, scales, counts.

Every attack is one change to a model that is fine, written back by the schema's own packer: what byte flips hardly
ever reach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import flatbuffers
import numpy as np

from tests.mutate import Mutation

#: Numbers that sizes, strides, axes and counts trip over.
INTEGERS = (0, -1, 1, 2, 3, 7, 127, 128, 255, 32767, 32768, 65536, 2**24, 2**30, 2**31 - 1, -(2**31))
#: Numbers that scales and slopes trip over.
REALS = (0.0, -0.0, -1.0, 1e-45, 1e-38, 1e-10, 1.0, 1e10, 3.4e38, float("inf"), float("-inf"), float("nan"))
SHAPES: tuple[tuple[int, ...], ...] = (
    (), (0,), (1,), (-1,), (2**31 - 1,), (2**16, 2**16), (2**31 - 1,) * 4, (1,) * 9, (1, 0, 1, 1), (1, -1, -1, 1),
    (1, 2**26), (1, 4000, 4000, 1), (2, 8, 8, 1), (1, 8, 8), (8, 8), (1, 1, 1, 2**20), (1, 2**20, 1, 1), (1,) * 40,
)  # fmt: skip
Edit = Callable[[Any, Any], None]


def attacks(data: bytes) -> Iterator[Mutation]:
    """Every attack on the model in `data`, in a fixed order. Needs ai-edge-litert for the schema's object tree."""
    from ai_edge_litert import schema_py_generated as schema  # noqa: PLC0415 - an optional package

    tree = schema.ModelT.InitFromPackedBuf(data, 0)
    for name, edit in _edits(tree):
        model = schema.ModelT.InitFromPackedBuf(data, 0)
        edit(model, model.subgraphs[0])
        try:
            builder = flatbuffers.Builder(1024)
            builder.Finish(model.Pack(builder), b"TFL3")
        except Exception:  # the packer itself refuses: no such file can be written this way
            continue
        yield Mutation(name, bytes(builder.Output()))


def _edits(model: Any) -> Iterator[tuple[str, Edit]]:
    graph = model.subgraphs[0]
    yield from _tensor_edits(graph)
    yield from _operator_edits(graph)
    yield from _graph_edits(model, graph)


def _tensor_edits(graph: Any) -> Iterator[tuple[str, Edit]]:
    for at, tensor in enumerate(graph.tensors):
        for shape in SHAPES:
            yield f"tensor {at} shape {shape}", _set(at, "shape", np.array(shape, np.int32))
            yield f"tensor {at} signature {shape}", _set(at, "shapeSignature", np.array(shape, np.int32))
        for kind in (0, 1, 2, 3, 4, 5, 6, 7, 10, 13, 17, 19, 127):
            yield f"tensor {at} type {kind}", _set(at, "type", kind)
        for number in (0, 1, len(graph.tensors), 2**31 - 1, 2**32 - 1):
            yield f"tensor {at} buffer {number}", _set(at, "buffer", number)
        yield f"tensor {at} variable", _set(at, "isVariable", True)
        yield f"tensor {at} without quantization", _set(at, "quantization", None)
        if tensor.quantization is None or tensor.quantization.scale is None:
            continue
        for real in REALS:
            yield f"tensor {at} scale {real}", _quant(at, "scale", np.array([real], np.float32))
        for zero in (-129, 128, 2**31, -(2**31), 2**63 - 1, -(2**63)):
            yield f"tensor {at} zero point {zero}", _quant(at, "zeroPoint", np.array([zero], np.int64))
        for count in (0, 2, 3, 1000):
            yield f"tensor {at} {count} scales", _quant(at, "scale", np.ones(count, np.float32))
            yield f"tensor {at} {count} zero points", _quant(at, "zeroPoint", np.ones(count, np.int64))
        for axis in (-1, 1, 3, 4, 2**31 - 1):
            yield f"tensor {at} quantized dimension {axis}", _quant(at, "quantizedDimension", axis)


def _operator_edits(graph: Any) -> Iterator[tuple[str, Edit]]:
    tensors = len(graph.tensors)
    for at, op in enumerate(graph.operators):
        for side in ("inputs", "outputs"):
            names = list(getattr(op, side))
            for place in range(len(names)):
                for number in (-1, -2, 0, names[0], tensors - 1, tensors, 2**31 - 1, int(op.outputs[0])):
                    changed = np.array([*names[:place], number, *names[place + 1 :]], np.int32)
                    yield f"op {at} {side}[{place}] = {number}", _operator(at, side, changed)
            for count in (0, 1, 2, 9, 1000):
                changed = np.array((names * 1000)[:count], np.int32)
                yield f"op {at} {count} {side}", _operator(at, side, changed)
        for number in (1, 1000, 2**32 - 1):
            yield f"op {at} code {number}", _operator(at, "opcodeIndex", number)
        yield f"op {at} without options", _operator(at, "builtinOptions", None)
        for field, value in vars(op.builtinOptions).items() if op.builtinOptions else ():
            numbers: tuple[object, ...] = REALS if isinstance(value, float) else INTEGERS
            for number in numbers if isinstance(value, int | float) else ():
                yield f"op {at} {field} = {number}", _option(at, field, number)


def _graph_edits(model: Any, graph: Any) -> Iterator[tuple[str, Edit]]:
    tensors = len(graph.tensors)
    for side in ("inputs", "outputs"):
        for names in ((), (0,), (0, 0), (-1,), (tensors,), (2**31 - 1,), tuple(range(tensors)), (0,) * 1000):
            yield f"graph {side} {names[:3]}", _graph(side, np.array(names, np.int32))
    yield "operators backwards", lambda m, g: g.operators.reverse()
    yield "every operator twice", lambda m, g: g.operators.extend(list(g.operators))
    yield "no operators", lambda m, g: g.operators.clear()
    yield "no tensors", lambda m, g: g.tensors.clear()
    yield "no subgraph", lambda m, g: m.subgraphs.clear()
    yield "two subgraphs", lambda m, g: m.subgraphs.append(g)
    yield "no buffers", lambda m, g: m.buffers.clear()
    yield "no operator codes", lambda m, g: m.operatorCodes.clear()
    for at, buffer in enumerate(model.buffers):
        size = 0 if buffer.data is None else len(buffer.data)
        for length in {0, 1, max(size - 1, 0), size + 1, 4 * size}:
            yield f"buffer {at} of {length} bytes", _buffer(at, length)
        yield f"buffer {at} outside the file", _outside(at)
    for at in range(len(model.operatorCodes)):
        for code in (0, 1, 2, 3, 9, 14, 22, 25, 32, 34, 40, 45, 53, 114, 126, 127, 200, 2**31 - 1):
            yield f"operator code {at} = {code}", _code(at, code)
        for version in INTEGERS:
            yield f"operator code {at} version {version}", _version(at, version)
    yield "schema version", lambda m, g: setattr(m, "version", 2**31)


def _set(at: int, field: str, value: object) -> Edit:
    return lambda m, g: setattr(g.tensors[at], field, value)


def _quant(at: int, field: str, value: object) -> Edit:
    return lambda m, g: setattr(g.tensors[at].quantization, field, value)


def _operator(at: int, field: str, value: object) -> Edit:
    return lambda m, g: setattr(g.operators[at], field, value)


def _option(at: int, field: str, value: object) -> Edit:
    return lambda m, g: setattr(g.operators[at].builtinOptions, field, value)


def _graph(field: str, value: object) -> Edit:
    return lambda m, g: setattr(g, field, value)


def _buffer(at: int, length: int) -> Edit:
    return lambda m, g: setattr(m.buffers[at], "data", np.full(length, 127, np.uint8))


def _outside(at: int) -> Edit:
    def edit(model: Any, graph: Any) -> None:
        del graph
        model.buffers[at].data = None
        model.buffers[at].offset, model.buffers[at].size = 2**40, 2**40

    return edit


def _code(at: int, code: int) -> Edit:
    def edit(model: Any, graph: Any) -> None:
        del graph
        model.operatorCodes[at].builtinCode = code
        model.operatorCodes[at].deprecatedBuiltinCode = min(code, 127)

    return edit


def _version(at: int, version: int) -> Edit:
    return lambda m, g: setattr(m.operatorCodes[at], "version", version)
