"""Writing .tflite files tensor by tensor and op by op, with the flatbuffers runtime alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import flatbuffers
import numpy as np
import numpy.typing as npt
import tflite

Array = npt.NDArray[Any]

#: Name of each element type in the file's enumeration.
_TYPES = {
    "float32": tflite.TensorType.FLOAT32,
    "float16": tflite.TensorType.FLOAT16,
    "int32": tflite.TensorType.INT32,
    "uint8": tflite.TensorType.UINT8,
    "int64": tflite.TensorType.INT64,
    "bool": tflite.TensorType.BOOL,
    "int16": tflite.TensorType.INT16,
    "int8": tflite.TensorType.INT8,
    "int4": tflite.TensorType.INT4,
    "int2": 19,  # younger than the package
}
#: Bits of an element, of types that share bytes.
_BITS = {"int4": 4, "int2": 2}

#: Options table of each op kind; kinds that are missing have none.
_OPTIONS = {
    "CONV_2D": "Conv2DOptions",
    "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions",
    "FULLY_CONNECTED": "FullyConnectedOptions",
    "ADD": "AddOptions",
    "SUB": "SubOptions",
    "MUL": "MulOptions",
    "AVERAGE_POOL_2D": "Pool2DOptions",
    "MAX_POOL_2D": "Pool2DOptions",
    "MEAN": "ReducerOptions",
    "PAD": "PadOptions",
    "PADV2": "PadV2Options",
    "RESHAPE": "ReshapeOptions",
    "SQUEEZE": "SqueezeOptions",
    "SOFTMAX": "SoftmaxOptions",
    "LOG_SOFTMAX": "LogSoftmaxOptions",
    "LEAKY_RELU": "LeakyReluOptions",
    "HARD_SWISH": "HardSwishOptions",
    "ARG_MAX": "ArgMaxOptions",
    "CONCATENATION": "ConcatenationOptions",
    "STRIDED_SLICE": "StridedSliceOptions",
    "SPLIT": "SplitOptions",
    "TRANSPOSE": "TransposeOptions",
    "TRANSPOSE_CONV": "TransposeConvOptions",
    "RESIZE_BILINEAR": "ResizeBilinearOptions",
    "RESIZE_NEAREST_NEIGHBOR": "ResizeNearestNeighborOptions",
    "QUANTIZE": "QuantizeOptions",
    "CAST": "CastOptions",
    "DIV": "DivOptions",
    "MIRROR_PAD": "MirrorPadOptions",
    "MAXIMUM": "MaximumMinimumOptions",
    "MINIMUM": "MaximumMinimumOptions",
    "DEQUANTIZE": "DequantizeOptions",
    "DEPTH_TO_SPACE": "DepthToSpaceOptions",
    "SPACE_TO_DEPTH": "SpaceToDepthOptions",
    "SPACE_TO_BATCH_ND": "SpaceToBatchNDOptions",
    "BATCH_TO_SPACE_ND": "BatchToSpaceNDOptions",
    "EXP": "ExpOptions",
    "GELU": "GeluOptions",
    "REVERSE_V2": "ReverseV2Options",
    "ARG_MIN": "ArgMinOptions",
    "L2_NORMALIZATION": "L2NormOptions",
    "REDUCE_MIN": "ReducerOptions",
    "SUM": "ReducerOptions",
    "SQUARED_DIFFERENCE": "SquaredDifferenceOptions",
    "BATCH_MATMUL": "BatchMatMulOptions",
    "SQUARE": "SquareOptions",
    "EXPAND_DIMS": "ExpandDimsOptions",
    "GATHER": "GatherOptions",
    "PACK": "PackOptions",
    "REDUCE_MAX": "ReducerOptions",
    "REDUCE_PROD": "ReducerOptions",
    "SHAPE": "ShapeOptions",
    "SLICE": "SliceOptions",
    "SPLIT_V": "SplitVOptions",
    "UNPACK": "UnpackOptions",
}


@dataclass(frozen=True)
class TensorSpec:
    """A tensor of the file."""

    name: str
    shape: tuple[int, ...]
    dtype: str = "int8"
    #: Empty, one, or one per index of dimension `axis`.
    scales: tuple[float, ...] = ()
    zero_points: tuple[int, ...] = ()
    axis: int = 0
    #: Content of a constant.
    data: Array | None = None
    #: Dimensions that the file leaves open.
    unknown: tuple[int, ...] = ()

    @property
    def scale(self) -> float:
        """The scale as the file stores it: a float32 value."""
        return float(np.float32(self.scales[0]))

    @property
    def zero_point(self) -> int:
        return self.zero_points[0]


@dataclass(frozen=True)
class OpSpec:
    """options: fields of the kind's options table, by their Python names; vectors are given as lists."""

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: dict[str, Any]


@dataclass
class ModelWriter:
    """A model in the making. Tensors are numbered in the order of their adding; -1 is a missing input."""

    name: str = "model"
    tensors: list[TensorSpec] = field(default_factory=list)
    ops: list[OpSpec] = field(default_factory=list)

    def tensor(
        self,
        shape: Sequence[int],
        dtype: str = "int8",
        scale: float | Sequence[float] = (),
        zero_point: int | Sequence[int] = (),
        *,
        data: Array | None = None,
        axis: int = 0,
        unknown: Sequence[int] = (),
    ) -> int:
        scales = (scale,) if isinstance(scale, (int, float, np.floating)) else tuple(scale)
        zeros = (zero_point,) if isinstance(zero_point, (int, np.integer)) else tuple(zero_point)
        if scales and not zeros:
            zeros = (0,) * len(scales)
        shape = tuple(int(n) for n in shape)
        if data is not None:
            data = np.ascontiguousarray(data, np.dtype("int8" if dtype in _BITS else dtype)).reshape(shape)
        spec = TensorSpec(
            f"t{len(self.tensors)}",
            shape,
            dtype,
            tuple(map(float, scales)),
            tuple(map(int, zeros)),
            axis,
            data,
            tuple(unknown),
        )
        self.tensors.append(spec)
        return len(self.tensors) - 1

    def constant(self, values: object, dtype: str = "int32") -> int:
        """A constant without quantization: axes, paddings, shapes."""
        data = np.asarray(values, np.dtype(dtype))
        return self.tensor(data.shape, dtype, data=data)

    def op(self, kind: str, inputs: Sequence[int], outputs: Sequence[int], **options: Any) -> None:
        self.ops.append(OpSpec(kind, tuple(inputs), tuple(outputs), options))

    def finish(self, inputs: Sequence[int], outputs: Sequence[int], **how: bool) -> bytes:
        """The file's bytes; inputs, outputs: the model's interface; how: as `file_of` takes it."""
        return file_of([Part(self, tuple(inputs), tuple(outputs))], **how)


@dataclass(frozen=True)
class Part:
    """One subgraph of a file."""

    writer: ModelWriter
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    #: Name of its signature, with inputs "x0", "x1", ...; "" for none.
    signature: str = ""
    #: The number of the subgraph that the signature names, where it is not this one.
    graph: int | None = None


def file_of(parts: Sequence[Part], *, external: bool = False, misaligned: bool = False) -> bytes:
    """A file of several subgraphs.

    external: constants lie behind the flatbuffer; misaligned: vectors of 8-byte items lie at odd multiples of 4.
    """
    if not external:
        return _flatbuffer(parts, None, misaligned)
    behind = b"".join(
        _padded(_content(t.dtype, t.data)) for p in parts for t in p.writer.tensors if t.data is not None
    )
    length = len(_flatbuffer(parts, 16, misaligned))
    return _flatbuffer(parts, length, misaligned) + behind


def _content(dtype: str, data: Array) -> bytes:
    """A constant's bytes in the file; of int4 and int2, two or four elements a byte, the first in the lowest bits."""
    if dtype not in _BITS:
        return data.tobytes()
    bits = _BITS[dtype]
    each = 8 // bits
    fields = data.reshape(-1).view(np.uint8) & (2**bits - 1)
    fields = np.append(fields, np.zeros(-data.size % each, np.uint8)).reshape(-1, each)
    return (fields << (bits * np.arange(each))).sum(axis=1).astype(np.uint8).tobytes()


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 16)


def _flatbuffer(parts: Sequence[Part], behind: int | None, misaligned: bool) -> bytes:
    """behind: where the file's constants start, None where they are inside."""
    b = flatbuffers.Builder(1024)
    kinds = list(dict.fromkeys(op.kind for part in parts for op in part.writer.ops))
    buffers = [_buffer(b, None)]
    graphs, signatures = [], []
    for number, part in enumerate(parts):
        tensors = []
        for spec in part.writer.tensors:
            index = 0
            if spec.data is not None:
                index, data = len(buffers), _content(spec.dtype, spec.data)
                buffers.append(_buffer(b, data) if behind is None else _outside(b, behind, len(data)))
                behind = None if behind is None else behind + len(_padded(data))
            tensors.append(_tensor(b, spec, index, misaligned))
        ops = [_operator(b, op, kinds.index(op.kind)) for op in part.writer.ops]
        graphs.append(
            _table(
                b,
                "SubGraph",
                Tensors=_offsets(b, tensors),
                Inputs=b.CreateNumpyVector(np.array(part.inputs, np.int32)),
                Outputs=b.CreateNumpyVector(np.array(part.outputs, np.int32)),
                Operators=_offsets(b, ops),
                Name=b.CreateString("main"),
            )
        )
        if part.signature:
            signatures.append(_signature(b, part, number))
    model = _table(
        b,
        "Model",
        Version=3,
        OperatorCodes=_offsets(b, [_code(b, kind) for kind in kinds]),
        Subgraphs=_offsets(b, graphs),
        Description=b.CreateString(parts[0].writer.name),
        Buffers=_offsets(b, buffers),
        **({"SignatureDefs": _offsets(b, signatures)} if signatures else {}),
    )
    b.Finish(model, b"TFL3")
    return bytes(b.Output())


def _signature(b: Any, part: Part, number: int) -> int:
    maps = [
        _offsets(
            b,
            [
                _table(b, "TensorMap", Name=b.CreateString(f"{letter}{i}"), TensorIndex=at)
                for i, at in enumerate(tensors)
            ],
        )
        for letter, tensors in (("x", part.inputs), ("y", part.outputs))
    ]
    name = b.CreateString(part.signature)
    return _table(
        b,
        "SignatureDef",
        Inputs=maps[0],
        Outputs=maps[1],
        SignatureKey=name,
        SubgraphIndex=number if part.graph is None else part.graph,
    )


def _table(b: Any, table: str, **fields: Any) -> int:
    """One table; fields by the schema's CamelCase names, offsets and scalars alike."""
    getattr(tflite, f"{table}Start")(b)
    for name, value in fields.items():
        getattr(tflite, f"{table}Add{name}")(b, value)
    return int(getattr(tflite, f"{table}End")(b))


def _offsets(b: Any, offsets: Sequence[int]) -> int:
    b.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        b.PrependUOffsetTRelative(offset)
    return int(b.EndVector())


def _buffer(b: Any, data: bytes | None) -> int:
    if data is None:
        return _table(b, "Buffer")
    b.StartVector(1, len(data), 16)
    b.head = b.head - len(data)
    b.Bytes[b.head : b.head + len(data)] = data
    return _table(b, "Buffer", Data=b.EndVector())


def _outside(b: Any, offset: int, size: int) -> int:
    return _table(b, "Buffer", Offset=offset, Size=size)


def _wide(b: Any, values: Sequence[int], misaligned: bool) -> int:
    """A vector of 64-bit integers."""
    content = np.array(values, np.int64)
    if not misaligned:
        return int(b.CreateNumpyVector(content))
    b.StartVector(8, len(content), 4)
    b.Prep(8, content.nbytes + 4)
    b.head = b.head - content.nbytes
    b.Bytes[b.head : b.head + content.nbytes] = content.tobytes()
    return int(b.EndVector())


def _tensor(b: Any, spec: TensorSpec, buffer: int, misaligned: bool) -> int:
    fields: dict[str, Any] = {
        "Shape": b.CreateNumpyVector(np.array(spec.shape, np.int32)),
        "Type": _TYPES[spec.dtype],
        "Buffer": buffer,
        "Name": b.CreateString(spec.name),
    }
    if spec.unknown:
        signature = [-1 if i in spec.unknown else size for i, size in enumerate(spec.shape)]
        fields["ShapeSignature"] = b.CreateNumpyVector(np.array(signature, np.int32))
    if spec.scales:
        fields["Quantization"] = _table(
            b,
            "QuantizationParameters",
            Scale=b.CreateNumpyVector(np.array(spec.scales, np.float32)),
            ZeroPoint=_wide(b, spec.zero_points, misaligned),
            QuantizedDimension=spec.axis,
        )
    return _table(b, "Tensor", **fields)


def _operator(b: Any, op: OpSpec, code: int) -> int:
    fields: dict[str, Any] = {
        "OpcodeIndex": code,
        "Inputs": b.CreateNumpyVector(np.array(op.inputs, np.int32)),
        "Outputs": b.CreateNumpyVector(np.array(op.outputs, np.int32)),
    }
    table = _OPTIONS.get(op.kind)
    if table is not None:
        given = {_camel(k): _value(b, v) for k, v in op.options.items()}
        fields["BuiltinOptions"] = _table(b, table, **given)
        fields["BuiltinOptionsType"] = getattr(tflite.BuiltinOptions, table)
    elif op.options:
        raise ValueError(f"{op.kind} has no options, got {sorted(op.options)}")
    return _table(b, "Operator", **fields)


def _code(b: Any, kind: str) -> int:
    number = int(getattr(tflite.BuiltinOperator, kind))
    return _table(
        b,
        "OperatorCode",
        BuiltinCode=number,
        DeprecatedBuiltinCode=min(number, 127),
        Version=_VERSIONS.get(kind, 1),
    )


#: Version of the op in the file where int8 needs more than 1.
_VERSIONS = {
    "CONV_2D": 3,
    "DEPTHWISE_CONV_2D": 3,
    "FULLY_CONNECTED": 4,
    "ADD": 2,
    "SUB": 3,
    "MUL": 2,
    "AVERAGE_POOL_2D": 2,
    "MAX_POOL_2D": 2,
    "MEAN": 2,
    "PAD": 2,
    "PADV2": 2,
    "SOFTMAX": 2,
    "LOG_SOFTMAX": 2,
    "LOGISTIC": 2,
    "TANH": 2,
    "RELU": 2,
    "RELU6": 2,
    "LEAKY_RELU": 2,
    "ABS": 2,
    "EXP": 2,
    "REVERSE_V2": 3,
    "ARG_MAX": 2,
    "ARG_MIN": 2,
    "L2_NORMALIZATION": 2,
    "REDUCE_MIN": 2,
    "SUM": 2,
    "SQUARED_DIFFERENCE": 2,
    "PACK": 2,
    "LOG": 2,
    "GELU": 2,
    "SQRT": 2,
    "RSQRT": 2,
    "MAXIMUM": 2,
    "MINIMUM": 2,
    "CONCATENATION": 2,
    "STRIDED_SLICE": 2,
    "SPLIT": 2,
    "SPLIT_V": 2,
    "SLICE": 2,
    "UNPACK": 2,
    "TILE": 3,
    "REDUCE_MAX": 2,
    "TRANSPOSE": 2,
    "TRANSPOSE_CONV": 4,
    "RESIZE_BILINEAR": 3,
    "RESIZE_NEAREST_NEIGHBOR": 3,
    "QUANTIZE": 2,
    "BROADCAST_TO": 2,
    "EQUAL": 2,
    "NOT_EQUAL": 2,
    "LESS": 2,
    "LESS_EQUAL": 2,
    "GREATER": 2,
    "GREATER_EQUAL": 2,
    "MIRROR_PAD": 2,
    "DEQUANTIZE": 2,
}


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _value(b: Any, value: Any) -> Any:
    return b.CreateNumpyVector(np.array(value, np.int32)) if isinstance(value, list) else value
