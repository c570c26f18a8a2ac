"""Running a .tflite file in LiteRT or TFLM, and an ONNX file in ONNX Runtime.

LiteRT runs with its reference kernels (never its default delegate, whose rounding differs), TFLM as its
Python wheel runs it. All are optional and imported on first use.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import tflite

from tinyc.errors import ModelError
from tinyc.ir import Array
from tinyc.verify.judge.half import in_single_precision

#: TFLM's arena beyond the tensors themselves: its own records of tensors, ops and scratch.
_TFLM_SPARE_BYTES = 16 << 20


@dataclass(frozen=True)
class Judged:
    """What a reference interpreter computed.

    outputs: one array per model output, samples along axis 0; tensors: by index in the file, of an ONNX file by name,
    of the last sample, where they were asked for (else empty); judge: "litert", "tflm" or "onnxruntime".
    """

    outputs: tuple[Array, ...]
    tensors: dict[int | str, Array]
    judge: str


def judge(
    model: bytes | str, inputs: tuple[Array, ...], reference: str, *, all_tensors: bool = False
) -> Judged | None:
    """What the reference interpreter computes, or None where it is not installed.

    model: the file's content; the path of an ONNX file, which may have others beside it, for ONNX Runtime. inputs: one
    array per model input, samples along axis 0. Raises ModelError where the interpreter refuses the model. Some
    malformed files crash the interpreters and with them this process: see IsolatedJudge.
    """
    try:
        with _quiet():
            if isinstance(model, str):
                return _onnxruntime(model, inputs, all_tensors)
            return {"litert": _litert, "tflm": _tflm}[reference](model, inputs, all_tensors)
    except ImportError:
        return None
    except (
        Exception
    ) as problem:  # a malformed file provokes errors of every type in the interpreters' wrappers
        reason = " ".join(str(problem).split()) or type(problem).__name__
        raise ModelError(
            f"the reference interpreter ({reference}) refuses this model: {reason}",
            "" if isinstance(model, str) else OTHER_JUDGE,
        ) from problem


OTHER_JUDGE = "try the other reference with --reference litert or --reference tflm"


def _litert(model: bytes, inputs: tuple[Array, ...], all_tensors: bool) -> Judged:
    interpreter = _interpreter(_with_registered_versions(model), all_tensors)
    feeds = [(d["index"], x) for d, x in zip(interpreter.get_input_details(), inputs, strict=True)]
    indices = [d["index"] for d in interpreter.get_output_details()]
    rows = []
    for sample in range(len(inputs[0])):
        for index, x in feeds:
            interpreter.set_tensor(index, np.asarray(x[sample]))
        interpreter.invoke()
        rows.append([interpreter.get_tensor(i) for i in indices])
    tensors: dict[int | str, Array] = {}
    if all_tensors:
        for index in range(_graph(model).TensorsLength()):
            with contextlib.suppress(ValueError):  # a tensor that no op uses has no memory
                tensors[index] = interpreter.get_tensor(index)
    return Judged(_stack(rows), tensors, "litert")


def _interpreter(model: bytes, all_tensors: bool) -> Any:
    """Return LiteRT's interpreter with its reference kernels.

    They lack some operators, ELU for one. A network without bytes then has the kernels that other boards run: its
    results are compared within a bound anyway.
    """
    from ai_edge_litert.interpreter import Interpreter, OpResolverType  # noqa: PLC0415 - optional

    def allocated(kernels: OpResolverType) -> Any:
        interpreter = Interpreter(
            model_content=model,
            experimental_op_resolver_type=kernels,
            experimental_preserve_all_tensors=all_tensors,
            num_threads=1,
        )
        interpreter.allocate_tensors()
        return interpreter

    try:
        return allocated(OpResolverType.BUILTIN_REF)
    except ValueError:
        if _has_bytes(model):
            raise
        return allocated(OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)


def _has_bytes(model: bytes) -> bool:
    """Whether a network has tensors of quantized integers, which kernels round in ways of their own."""
    graph, kinds = _graph(model), tflite.TensorType
    small = (kinds.INT4, kinds.INT8, kinds.UINT8, kinds.INT16)
    return any(graph.Tensors(i).Type() in small for i in range(graph.TensorsLength()))


def _with_registered_versions(model: bytes) -> bytes:
    """The file with versions of operators that the reference resolver knows.

    It is registered for TILE up to version 2, the default one up to 3, which converters write for int8. The kernel is
    the same function and takes int8 under either.
    """
    root, patched = tflite.Model.GetRootAs(model, 0), bytearray(model)
    for i in range(root.OperatorCodesLength()):
        code = root.OperatorCodes(i)
        at = code._tab.Offset(8)
        if max(code.BuiltinCode(), code.DeprecatedBuiltinCode()) == _TILE and code.Version() == _TILE_INT8:
            patched[at + code._tab.Pos] = _TILE_INT8 - 1
    return bytes(patched)


_TILE, _TILE_INT8 = tflite.BuiltinOperator.TILE, 3


def _tflm(model: bytes, inputs: tuple[Array, ...], all_tensors: bool) -> Judged:
    from tflite_micro.python.tflite_micro import runtime  # noqa: PLC0415 - optional

    graph = _graph(model)
    kinds = runtime.InterpreterConfig
    config = kinds.kPreserveAllTensors if all_tensors else kinds.kAllocationRecording
    arena = _TFLM_SPARE_BYTES + 8 * _elements(graph) + len(model)
    interpreter = runtime.Interpreter.from_bytes(model, arena_size=arena, intrepreter_config=config)
    rows = []
    for sample in range(len(inputs[0])):
        for index, x in enumerate(inputs):
            interpreter.set_input(np.ascontiguousarray(x[sample]), index)
        interpreter.invoke()
        rows.append([np.array(interpreter.get_output(i)) for i in range(graph.OutputsLength())])
    tensors: dict[int | str, Array] = {}
    if all_tensors:
        for index in range(graph.TensorsLength()):
            with contextlib.suppress(RuntimeError, ValueError):
                tensors[index] = np.array(interpreter.GetTensor(index, 0)["tensor_data"])
    return Judged(_stack(rows), tensors, "tflm")


def _onnxruntime(path: str, inputs: tuple[Array, ...], all_tensors: bool) -> Judged:
    import onnxruntime  # noqa: PLC0415 - optional

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    single = in_single_precision(path) or path
    model, more = _with_outputs(single) if all_tensors else (single, [])
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    names = [(one.name, _ONNX_TYPES.get(one.type)) for one in session.get_inputs()]
    rows = []
    for sample in range(len(inputs[0])):
        feeds = {name: np.asarray(x[sample], dtype) for (name, dtype), x in zip(names, inputs, strict=True)}
        found = [np.asarray(y) for y in session.run(None, feeds)]
        rows.append(found[: len(found) - len(more)])
    tensors: dict[int | str, Array] = dict(zip(more, found[len(found) - len(more) :], strict=True))
    return Judged(_stack(rows), tensors, "onnxruntime")


def _with_outputs(given: str | bytes) -> tuple[bytes, list[str]]:
    """Return an ONNX file that gives every value its operators make, and the names of those it did not give.

    given: its path or content.
    """
    import onnx  # noqa: PLC0415 - optional

    model = onnx.load(given) if isinstance(given, str) else onnx.load_from_string(given)
    known = {one.name for one in model.graph.output}
    more = [name for node in model.graph.node for name in node.output if name and name not in known]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in more)
    return model.SerializeToString(), more


#: Of inputs that are float32 here.
_ONNX_TYPES = {"tensor(double)": np.float64}


def _graph(model: bytes) -> tflite.SubGraph:
    return tflite.Model.GetRootAs(model, 0).Subgraphs(0)


def _elements(graph: tflite.SubGraph) -> int:
    """Elements of all tensors of the file together."""
    tensors = [graph.Tensors(i) for i in range(graph.TensorsLength())]
    return sum(int(np.prod(t.ShapeAsNumpy(), dtype=np.int64)) for t in tensors if t.ShapeLength())


def _stack(rows: list[list[Array]]) -> tuple[Array, ...]:
    return tuple(np.stack(column) for column in zip(*rows, strict=True))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the interpreters' own messages, written in C++, off the terminal."""
    saved = os.dup(2)
    sink = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(sink, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(sink)
