"""Writing the tables of a .tflite file (schema version 3): tensors, operators, one subgraph and its signature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import flatbuffers
import numpy as np
import tflite

from tinyc.ir import Tensor
from tinyc.numerics.unsigned import as_unsigned

#: A field of an options table: a number, a flag, or a vector of int32.
Option = int | float | bool | tuple[int, ...]

#: Bytes that TFLite aligns constants to.
_ALIGNMENT = 16
_SIGNATURE = "serving_default"


@dataclass(frozen=True, eq=False)
class FileOp:
    """An operator. kind: the format's name of it; version: the least that has its types; inputs: "" for one left out.

    options: name of its options table, "" for none; fields: those of the table that are not 0, by schema names.
    """

    kind: str
    version: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    options: str = ""
    fields: Mapping[str, Option] = field(default_factory=dict)


@dataclass(frozen=True)
class FilePort:
    """An input or output of the model. name: what the signature calls it; tensor: the tensor that carries it."""

    name: str
    tensor: str


def write_file(
    tensors: Iterable[Tensor],
    ops: Sequence[FileOp],
    inputs: Sequence[FilePort],
    outputs: Sequence[FilePort],
    description: str,
) -> bytes:
    """Return the file's bytes. tensors: all that ops and ports name, constants with their data."""
    return _Writer(ops).file(tensors, inputs, outputs, description)


class _Writer:
    """One file in the making. Offsets are positions of finished tables in the builder."""

    def __init__(self, ops: Sequence[FileOp]) -> None:
        self._b = flatbuffers.Builder(1 << 16)
        self._ops = ops
        self._codes = list(dict.fromkeys((op.kind, op.version) for op in ops))
        #: Offsets of tensors and of buffers; buffer 0 is the empty one that tensors without data name.
        self._tensors: list[int] = []
        self._buffers = [self._table("Buffer")]
        self._index: dict[str, int] = {}

    def file(
        self,
        tensors: Iterable[Tensor],
        inputs: Sequence[FilePort],
        outputs: Sequence[FilePort],
        description: str,
    ) -> bytes:
        b = self._b
        for tensor in tensors:
            self._tensor(tensor)
        operators = [self._operator(op) for op in self._ops]
        graph = self._table(
            "SubGraph",
            Tensors=self._offsets(self._tensors),
            Inputs=self._integers([self._index[p.tensor] for p in inputs]),
            Outputs=self._integers([self._index[p.tensor] for p in outputs]),
            Operators=self._offsets(operators),
            Name=b.CreateString("main"),
        )
        model = self._table(
            "Model",
            Version=3,
            OperatorCodes=self._offsets([self._code(*code) for code in self._codes]),
            Subgraphs=self._offsets([graph]),
            Description=b.CreateString(description),
            Buffers=self._offsets(self._buffers),
            SignatureDefs=self._offsets([self._signature(inputs, outputs)]),
        )
        b.Finish(model, b"TFL3")
        return bytes(b.Output())

    def _tensor(self, tensor: Tensor) -> int:
        b, tensor = self._b, as_unsigned(tensor)
        kind = tensor.type
        at = 0
        if tensor.data is not None:
            at = len(self._buffers)
            self._buffers.append(self._buffer(np.ascontiguousarray(tensor.data).tobytes()))
        fields: dict[str, Any] = {
            "Shape": self._integers(kind.shape),
            "Type": getattr(tflite.TensorType, kind.dtype.upper()),
            "Buffer": at,
            "Name": b.CreateString(tensor.name),
            "HasRank": True,
        }
        if kind.quant is not None:
            fields["Quantization"] = self._table(
                "QuantizationParameters",
                Scale=b.CreateNumpyVector(np.array(kind.q.scales, np.float32)),
                ZeroPoint=b.CreateNumpyVector(np.array(kind.q.zero_points, np.int64)),
                QuantizedDimension=kind.q.axis if kind.q.per_channel else 0,
            )
        number = self._index[tensor.name] = len(self._tensors)
        self._tensors.append(self._table("Tensor", **fields))
        return number

    def _operator(self, op: FileOp) -> int:
        fields: dict[str, Any] = {
            "OpcodeIndex": self._codes.index((op.kind, op.version)),
            "Inputs": self._integers([self._index[n] if n else -1 for n in op.inputs]),
            "Outputs": self._integers([self._index[n] for n in op.outputs]),
        }
        if op.options:
            given = {k: self._integers(v) if isinstance(v, tuple) else v for k, v in op.fields.items()}
            fields["BuiltinOptions"] = self._table(op.options, **given)
            fields["BuiltinOptionsType"] = getattr(tflite.BuiltinOptions, op.options)
        return self._table("Operator", **fields)

    def _code(self, kind: str, version: int) -> int:
        number = int(getattr(tflite.BuiltinOperator, kind))
        byte = min(number, int(tflite.BuiltinOperator.PLACEHOLDER_FOR_GREATER_OP_CODES))
        return self._table("OperatorCode", BuiltinCode=number, DeprecatedBuiltinCode=byte, Version=version)

    def _signature(self, inputs: Sequence[FilePort], outputs: Sequence[FilePort]) -> int:
        maps = [
            self._offsets(
                [
                    self._table(
                        "TensorMap", Name=self._b.CreateString(p.name), TensorIndex=self._index[p.tensor]
                    )
                    for p in ports
                ]
            )
            for ports in (inputs, outputs)
        ]
        key = self._b.CreateString(_SIGNATURE)
        return self._table("SignatureDef", Inputs=maps[0], Outputs=maps[1], SignatureKey=key, SubgraphIndex=0)

    def _buffer(self, data: bytes) -> int:
        b = self._b
        b.StartVector(1, len(data), _ALIGNMENT)
        b.head = b.head - len(data)
        b.Bytes[b.head : b.head + len(data)] = data
        return self._table("Buffer", Data=b.EndVector())

    def _integers(self, values: Iterable[int]) -> int:
        return int(self._b.CreateNumpyVector(np.array(tuple(values), np.int32)))

    def _offsets(self, offsets: Sequence[int]) -> int:
        self._b.StartVector(4, len(offsets), 4)
        for offset in reversed(offsets):
            self._b.PrependUOffsetTRelative(offset)
        return int(self._b.EndVector())

    def _table(self, table: str, **fields: Any) -> int:
        """Write one table: fields by the schema's names, offsets and numbers alike."""
        getattr(tflite, f"{table}Start")(self._b)
        for name, value in fields.items():
            getattr(tflite, f"{table}Add{name}")(self._b, value)
        return int(getattr(tflite, f"{table}End")(self._b))
