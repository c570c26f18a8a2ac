"""Test inputs with the outputs that the firmware must give for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tinyc.errors import InternalError, ModelError, ToolError
from tinyc.ir import Array, Graph
from tinyc.ops.evaluate import evaluate, from_port, to_port
from tinyc.ops.floats import evaluate_floats
from tinyc.verify import near
from tinyc.verify.floats import computes_floats, settled
from tinyc.verify.input_file import Given, read_inputs
from tinyc.verify.judge import Judged, judge_isolated
from tinyc.verify.vectors import InputFile, Request, little_endian, make_inputs

_JUDGE_SECONDS = 600.0

#: Computes the outputs of the model's own interface; samples along axis 0.
Run = Callable[[Sequence[Array]], tuple[Array, ...]]
#: From a tensor of the file, by number or name, to that of the graph.
Place = Callable[[int | str, Array], tuple[str, Array]]


@dataclass(frozen=True)
class Vectors:
    """Arrays of the model's own interface, samples along axis 0."""

    inputs: tuple[Array, ...]
    expected: tuple[Array, ...]
    #: who computed `expected`
    judge: str
    #: what was done to the values of the user's file, a sentence each
    notes: tuple[str, ...] = ()
    #: of float32 firmware: how far `expected` may lie from the judge's, as a part of each tensor's largest magnitude
    error: float | None = None
    #: how far it might lie
    bound: float | None = None

    @property
    def count(self) -> int:
        return len(self.inputs[0])


def judged_vectors(data: bytes, source: Graph, request: Request) -> Vectors:
    """Inputs, and the outputs that the reference interpreter computes for them; our numpy reference's without one."""
    given = _given(source, request)
    inputs = given.arrays
    judged = _judged(data, inputs, source.reference)
    if judged is None:
        return Vectors(inputs, _own(source, inputs), "numpy", given.notes)
    return Vectors(inputs, settled_outputs(source, inputs, judged.outputs), judged.judge, given.notes)


def float_vectors(model: bytes | str, source: Graph, request: Request, run: Run) -> Vectors:
    """Inputs, and the outputs that the same C computes on this computer, where they are near to the judge's.

    model: what the judge runs, a .tflite file's content or the path of an ONNX file; run: the C.
    """
    given = _given(source, request)
    inputs = given.arrays
    judged = _judged_floats(model, source, inputs)
    numpy = _floats_of if source.is_float else _own
    outputs = numpy(source, inputs) if judged is None else judged.outputs
    own = run(inputs)
    for port, want, have in zip(source.outputs, outputs, own, strict=True):
        if want.shape != have.shape:
            raise InternalError(
                f"output '{port.name}' is {list(have.shape)}, by the judge {list(want.shape)}"
            )
    least = [near.least_magnitude(source, p.tensor) for p in source.outputs]
    triples = [(y.astype(x.dtype), x, z) for x, y, z in zip(own, outputs, least, strict=True)]
    return Vectors(
        inputs,
        tuple(near.expected(*each, near.bound_of(source) or 0.0) for each in triples),
        "numpy" if judged is None else judged.judge,
        given.notes,
        max(near.error(a, b, z) for y, x, z in triples for a, b in zip(y, x, strict=True)),
        near.bound_of(source),
    )


def _given(source: Graph, request: Request) -> Given:
    if isinstance(request, InputFile):
        return read_inputs(source, request.path)
    return Given(make_inputs(source, request))


def _judged_floats(model: bytes | str, source: Graph, inputs: tuple[Array, ...]) -> Judged | None:
    """Return what the judge computes, in the order of dimensions of the model's own interface.

    A .tflite file has channels last, also one that stands for an ONNX file.
    """
    if isinstance(model, str):
        return _judged(model, inputs, "onnxruntime")
    given = (
        np.moveaxis(x, 2, -1) if p.channels_second else x for p, x in zip(source.inputs, inputs, strict=True)
    )
    judged = _judged(model, tuple(given), "litert" if source.is_float else source.reference)
    if judged is None:
        return None
    pairs = zip(source.outputs, judged.outputs, strict=True)
    return replace(judged, outputs=tuple(np.moveaxis(y, -1, 2) if p.channels_second else y for p, y in pairs))


def _judged(model: bytes | str, inputs: tuple[Array, ...], reference: str) -> Judged | None:
    try:
        return judge_isolated(model, inputs, reference, timeout=_JUDGE_SECONDS)
    except ToolError as problem:
        raise ModelError(problem.message, "the file may be damaged: export the model again") from problem


def _floats_of(source: Graph, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The outputs of a float graph in numpy."""
    feeds = {p.tensor: to_port(p, source, x) for p, x in zip(source.inputs, inputs, strict=True)}
    values = evaluate_floats(source, feeds)
    return tuple(from_port(p, source, values[p.tensor]) for p in source.outputs)


def settled_outputs(source: Graph, inputs: Sequence[Array], judged: tuple[Array, ...]) -> tuple[Array, ...]:
    """What the firmware is expected to give where a judge gives `judged`: the same, but for the last bits of floats."""
    if not computes_floats(source):
        return judged
    both = zip(source.outputs, judged, _own(source, inputs), strict=True)
    return tuple(settled(source, p.tensor, judge, own) for p, judge, own in both)


def _own(source: Graph, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The outputs of our numpy reference."""
    rows = []
    for sample in range(len(inputs[0])):
        values = evaluate(source, _feeds(source, inputs, sample))
        rows.append([values[p.tensor] for p in source.outputs])
    return tuple(np.stack(column) for column in zip(*rows, strict=True))


def _feeds(source: Graph, inputs: Sequence[Array], sample: int) -> dict[str, Array]:
    return {p.tensor: x[sample] for p, x in zip(source.inputs, inputs, strict=True)}


def raw_vectors(vectors: Vectors, graph: Graph) -> list[tuple[bytes, bytes]]:
    """Per sample the C API's input bytes and expected output bytes: what the border ops make of the model's own."""
    pairs = []
    for sample in range(vectors.count):
        inputs = (to_port(p, graph, x[sample]) for p, x in zip(graph.inputs, vectors.inputs, strict=True))
        outputs = (to_port(p, graph, y[sample]) for p, y in zip(graph.outputs, vectors.expected, strict=True))
        pairs.append((b"".join(map(little_endian, inputs)), b"".join(map(little_endian, outputs))))
    return pairs


def expected_tensors(data: bytes, names: Sequence[str], source: Graph, vectors: Vectors) -> dict[str, Array]:
    """Every tensor of the network by name, for one sample: the interpreter's, else our numpy reference's.

    names: the graph's name of every tensor of the file, by its number.
    """
    judged = judge_isolated(data, vectors.inputs, source.reference, all_tensors=True, timeout=_JUDGE_SECONDS)
    if judged is not None and not any(t.type.dtype == "float32" for t in source.tensors.values()):
        return _held(source, {names[int(index)]: array for index, array in judged.tensors.items()})
    own = evaluate(source, _feeds(source, vectors.inputs, 0))
    if judged is None:
        return own
    found = _held(source, {names[int(index)]: array for index, array in judged.tensors.items()})
    known = ((name, array) for name, array in found.items() if name in own and own[name].shape == array.shape)
    return found | {name: settled(source, name, array, own[name]) for name, array in known}


def float_tensors(
    source: Graph, vectors: Vectors, model: bytes | str | None, place: Place
) -> dict[str, Array]:
    """Every tensor of a float network by name, for one sample: the interpreter's, else as numpy computes it.

    model: of a .tflite file the content, of an ONNX file the path, None where none is run; place: the graph's name
    of a tensor of the file, by number or name, and its elements as the graph has them.
    """
    feeds = {p.tensor: to_port(p, source, x) for p, x in zip(source.inputs, vectors.inputs, strict=True)}
    own = {name: x[-1] for name, x in evaluate_floats(source, feeds).items()}
    if model is None:
        return own
    judge = "onnxruntime" if isinstance(model, str) else "litert" if source.is_float else source.reference
    judged = judge_isolated(model, vectors.inputs, judge, all_tensors=True, timeout=_JUDGE_SECONDS)
    found = dict(place(key, y) for key, y in ({} if judged is None else judged.tensors).items())
    return own | {n: y for n, y in found.items() if n in own and y.shape == own[n].shape}


def _held(source: Graph, tensors: dict[str, Array]) -> dict[str, Array]:
    """The file's tensors as the graph has them: uint8 at the model's interface, and int8 of 128 less inside."""
    signed = {
        name: (array.view(np.uint8) ^ np.uint8(0x80)).view(np.int8)
        for name, array in tensors.items()
        if name in source.tensors and source.type(name).is_unsigned
    }
    outside = {p.tensor: tensors[p.name] for p in (*source.inputs, *source.outputs) if p.name in tensors}
    return tensors | outside | signed
