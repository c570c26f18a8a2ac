"""From a model and samples to how good its answers are: of the float network, the INT8 one, and a board."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from tinyc import metrics
from tinyc.compiler import host_of, int8_source, load, open_model
from tinyc.data import DataSet, Labels, open_data
from tinyc.errors import UsageError
from tinyc.frontends.floats import FloatModel, load_float_model
from tinyc.frontends.load import as_float_model
from tinyc.frontends.recognise import is_onnx
from tinyc.frontends.source import ModelFile, read_bytes
from tinyc.host_model import HostModel
from tinyc.ir import DTYPES, Array, Graph, Port
from tinyc.numerics.affine import dequantize
from tinyc.ops.floats import evaluate_floats
from tinyc.options import Options
from tinyc.paths import temporary_folder
from tinyc.quantize.file import float_samples, quantized, with_metadata
from tinyc.runner import run_model
from tinyc.threads import spread
from tinyc.verify.input_file import quantized_by, share_outside
from tinyc.verify.vectors import InputFile, pack_arrays

#: (what is done, how much of it, of how much)
Told = Callable[[str, int, int], None]

#: Samples that are read at once, and bytes that those of a thread of the float network take.
_BATCH, _FLOAT_BYTES = 256, 1 << 22
#: Samples that the board runs where nobody says how many; samples that are named as the worst.
DEFAULT_BOARD_SAMPLES, _WORST = 10, 20
#: Share of values outside of an input's range from which on a note tells it.
_OUTSIDE = 0.01


@dataclass(frozen=True)
class Question:
    """What to evaluate, and by what. float_file: the float network that an int8 model came from."""

    model: Path
    data: Path
    labels: Path | None = None
    metric: str | None = None
    float_file: Path | None = None
    #: samples that the board of the options runs; 0 for none
    board_samples: int = 0
    emulator: str = "auto"


@dataclass(frozen=True, eq=False)
class Answers:
    """What a network says to all samples. values: of the first output, real numbers; reconstruction: see `_off`."""

    name: str
    values: Array
    reconstruction: Array | None
    seconds: float


def evaluate(question: Question, options: Options, told: Told = lambda *_: None) -> dict[str, Any]:
    """Return the JSON of `tinyc eval`. Raises a TinycError."""
    metric = metrics.load_metric(question.metric) if question.metric else None
    float_model, file, data, host = _networks(question, options, told)
    networks: list[tuple[str, Callable[[dict[str, Array]], Array]]] = []
    if float_model is not None:
        networks.append(("float32", _float_network(float_model.graph, data)))
    if host is not None:
        networks.append(("int8", _int8_network(host, data)))
    answers, notes = _answers(networks, data, host, told)
    labels = data.labels.values if data.labels is not None else None
    if metric is None:
        name = metrics.default_metric(answers[-1].values, labels, answers[-1].reconstruction)
        metric = metrics.score(name) if name else None
    result: dict[str, Any] = {
        "schema": 1,
        "model": {"file": question.model.name, "sha256": file.sha256},
        "data": {
            "source": question.data.name,
            "samples": len(data),
            "classes": list(data.labels.classes) if data.labels is not None else [],
            "labels": None if data.labels is None else _kind(data.labels),
            "notes": [*data.notes, *notes],
        },
        "metric": metric.name if metric else None,
        "metric_is_share": metric.is_share if metric else False,
        "networks": [_judged(one, metric, labels) for one in answers],
        "comparison": _compared(answers, data),
        "board": None,
    }
    if question.board_samples:
        result["board"] = _on_board(question, options, file, data, host, metric, told)
    return result


def _networks(
    question: Question, options: Options, told: Told
) -> tuple[FloatModel | None, ModelFile, DataSet, HostModel | None]:
    """Return the float network, the file that is compiled, the samples, and the int8 network, as far as they exist."""

    def step(what: str) -> None:
        told(what, 0, 0)

    named = options.signature, options.shapes
    if options.calibration is not None:
        made = quantized(
            question.model,
            options.calibration,
            options.effort,
            *named,
            step,
            options.preprocess,
            options.precision,
        )
        data = float_samples(made.source, question.data, options.preprocess, question.labels)
        step("build the int8 network")
        host = host_of(int8_source(made.file, options.reference), options.reference)
        return made.source, made.file, data, host
    source = open_model(question.model, options.reference, *named)
    if source.graph.is_float:
        if question.float_file is not None:
            raise UsageError("--float goes with an int8 model: this one is float itself")
        alone = as_float_model(source)
        data = float_samples(alone, question.data, options.preprocess, question.labels)
        return alone, alone.file, data, None
    step("build the int8 network")
    file, host = source.file, host_of(source, options.reference)
    how = with_metadata(file, options.preprocess, question.data)
    is_moved = not question.model.is_dir() and is_onnx(read_bytes(question.model))
    moved = frozenset(p.tensor for p in host.graph.inputs if is_moved)
    data = open_data(host.graph, question.data, how, question.labels, moved)
    if question.float_file is None:
        return None, file, data, host
    original = load_float_model(question.float_file)
    shapes = [[p.type.shape for p in graph.inputs] for graph in (original.graph, host.graph)]
    if shapes[0] != shapes[1]:
        raise UsageError(
            f"--float {question.float_file}: its inputs are {shapes[0]}, the model's {shapes[1]}"
        )
    return original, file, data, host


def _float_network(graph: Graph, data: DataSet) -> Callable[[dict[str, Array]], Array]:
    """Return the float network on a batch: a few samples at a time, so that what is computed stays near the core."""
    names = list(data.inputs)
    each = 4 * max(t.type.elements for t in graph.tensors.values() if t.data is None)
    step = max(1, min(64, _FLOAT_BYTES // (8 * each)))
    output = graph.outputs[0].tensor

    def infer(batch: dict[str, Array]) -> Array:
        given = [batch[name].astype(np.float32, copy=False) for name in names]

        def part(first: int) -> Array:
            values = {p.tensor: x[first : first + step] for p, x in zip(graph.inputs, given, strict=True)}
            return evaluate_floats(graph, values)[output]

        return np.concatenate(list(spread(part, range(0, len(given[0]), step))))

    return infer


def _int8_network(host: HostModel, data: DataSet) -> Callable[[dict[str, Array]], Array]:
    """Return the compiled network on a batch: its first output, as real numbers."""
    ports = host.graph.inputs
    names = list(data.inputs)

    def infer(batch: dict[str, Array]) -> Array:
        made = host(*(_fed(batch[name], port) for name, port in zip(names, ports, strict=True)))
        return _real(made[0] if isinstance(made, tuple) else made, host.graph.outputs[0])

    return infer


def _fed(x: Array, port: Port) -> Array:
    """Return real numbers in the type of a model's input; what has it already stays.

    Float firmware from ONNX takes channels first, as its file does.
    """
    own = DTYPES[port.type.dtype]
    if x.shape[1:] != port.type.shape and x.ndim > 3:
        x = np.ascontiguousarray(np.moveaxis(x, -1, 2))
    if x.dtype == own or port.type.quant is None:
        return x.astype(own, copy=False)
    return quantized_by(x, port.type)


def _real(x: Array, port: Port) -> Array:
    """Return the real numbers of an input or output; classes and other whole numbers as they are."""
    return x if port.type.quant is None or x.dtype == np.float32 else dequantize(x, port.type)


def _answers(
    networks: Sequence[tuple[str, Callable[[dict[str, Array]], Array]]],
    data: DataSet,
    host: HostModel | None,
    told: Told,
) -> tuple[list[Answers], list[str]]:
    """Run all samples through the networks, batch by batch; notes tell of values that do not fit the input."""
    found: list[list[Array]] = [[] for _ in networks]
    off: list[list[Array]] = [[] for _ in networks]
    seconds = [0.0] * len(networks)
    outside = 0.0
    what = " and ".join(name for name, _ in networks)
    for first in range(0, len(data), _BATCH):
        told(f"evaluate {what}", first, len(data))
        batch = data.part(first, min(first + _BATCH, len(data)))
        inputs = list(batch.values())
        if host is not None:
            share = share_outside(inputs[0], host.graph.type(host.graph.inputs[0].tensor))
            outside += share * len(inputs[0]) / len(data)
            real = [_real(x, p) for x, p in zip(inputs, host.graph.inputs, strict=True)]
        else:
            real = inputs
        given = dict(zip(batch, real, strict=True))
        for i, (name, infer) in enumerate(networks):
            begun = perf_counter()
            made = infer(given if name == "float32" else batch)
            seconds[i] += perf_counter() - begun
            found[i].append(made)
            if len(real) == 1 and made[0].size == real[0][0].size and made[0].size > 1:
                off[i].append(_off(made, real[0]))
    told(f"evaluate {what}", len(data), len(data))
    answers = [
        Answers(name, np.concatenate(found[i]), np.concatenate(off[i]) if off[i] else None, seconds[i])
        for i, (name, _) in enumerate(networks)
    ]
    told_share = f"{outside:.1%} of the input's values lie outside of its range and were clamped"
    return answers, [told_share] if outside > _OUTSIDE else []


def _off(made: Array, given: Array) -> Array:
    """Return how far outputs of the input's size are from the input: the mean squared error of each sample."""
    a, b = (x.reshape(len(x), -1).astype(np.float64) for x in (made, given))
    return np.asarray(np.mean((a - b) ** 2, axis=1))


def _kind(labels: Labels) -> str:
    return "classes" if labels.are_classes else "values"


def _judged(answers: Answers, metric: metrics.Metric | None, labels: Array | None) -> dict[str, Any]:
    """Return one network's row: the metric, and the confusion matrix where there are classes."""
    values = answers.values
    found = metrics.predicted(values) if answers.reconstruction is None else None
    confusion = None
    if found is not None and labels is not None and labels.dtype.kind == "i":
        confusion = metrics.confusion_of(found, labels).tolist()
    return {
        "name": answers.name,
        "metric": None if metric is None else metric.compute(values, labels, answers.reconstruction),
        "confusion": confusion,
        "seconds": round(answers.seconds, 3),
    }


def _compared(answers: Sequence[Answers], data: DataSet) -> dict[str, Any] | None:
    """Return how the int8 network's answers differ from the float ones; None where there is one network."""
    if len(answers) != 2:
        return None
    wanted, found = answers
    if wanted.values.shape != found.values.shape:
        raise UsageError(
            f"the float network's output is {list(wanted.values.shape[1:])}, "
            f"the int8 one's {list(found.values.shape[1:])}"
        )
    distance = metrics.distance_of(wanted.values, found.values)
    classes = [metrics.predicted(one.values) if one.reconstruction is None else None for one in answers]
    same = None
    if classes[0] is not None and classes[1] is not None:
        same = float(np.mean(classes[0] == classes[1]))
    worst = []
    for i in distance.worst[:_WORST].tolist():
        one: dict[str, Any] = {"sample": data.names[i], "index": i, "error": float(distance.errors[i])}
        if classes[0] is not None and classes[1] is not None:
            one |= {"float32": int(classes[0][i]), "int8": int(classes[1][i])}
        if data.labels is not None and data.labels.are_classes:
            one["label"] = int(data.labels.values[i])
        worst.append(one)
    return {
        "agreement": same,
        "mean_abs_error": distance.mean_abs_error,
        "max_abs_error": distance.max_abs_error,
        "sqnr_db": distance.sqnr_db,
        "cosine": distance.cosine,
        "worst": worst,
    }


def _on_board(
    question: Question,
    options: Options,
    file: ModelFile,
    data: DataSet,
    int8: HostModel | None,
    metric: metrics.Metric | None,
    told: Told,
) -> dict[str, Any]:
    """Run samples, taken evenly from all, on the emulated board; compare with the judge and the host library.

    int8: None where the firmware is float32, as the model is.
    """
    host = int8 or load(
        question.model, options.reference, signature=options.signature, shapes=dict(options.shapes)
    )
    count = min(question.board_samples, len(data))
    chosen = np.unique(np.linspace(0, len(data) - 1, count).round().astype(int)).tolist()
    parts = [list(data.part(i, i + 1).values()) for i in chosen]
    ports = host.graph.inputs
    given = [_fed(np.concatenate(xs), p) for xs, p in zip(zip(*parts, strict=True), ports, strict=True)]
    expected = host(*given)
    with temporary_folder() as place:
        model, inputs = question.model, place / "samples.npz"
        if int8 is not None:
            name = options.name or question.model.stem
            model = place / f"{question.model.stem}.tflite"
            model.write_bytes(file.data)
            options = replace(options, calibration=None, signature=None, shapes=(), name=name)
        inputs.write_bytes(pack_arrays({f"in{i}": x for i, x in enumerate(given)}))
        run = run_model(
            model, options, InputFile(inputs), question.emulator, progress=lambda what: told(what, 0, 0)
        )
    wanted = expected if isinstance(expected, tuple) else (expected,)
    differ = sum(int((a != b).sum()) for a, b in zip(wanted, run.outputs, strict=True))
    real = _real(run.outputs[0], host.graph.outputs[0])
    off = (
        _off(real, _real(given[0], ports[0]))
        if len(given) == 1 and real[0].size == given[0][0].size > 1
        else None
    )
    labels = None if data.labels is None else data.labels.values[chosen]
    keys = ("board", "emulator", "judge", "samples", "elements", "mismatches", "instructions")
    found = {key: run.json[key] for key in keys}
    try:
        value = None if metric is None else metric.compute(real, labels, off)
    except UsageError:  # as the area under the curve, where the few samples are all of one class
        value = None
    return found | {
        "host_mismatches": differ,
        "bit_exact": bool(run.json["bit_exact"]) and not differ,
        "metric": value,
        "names": [data.names[i] for i in chosen],
    }
