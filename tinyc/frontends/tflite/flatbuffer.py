"""Bounds-checked reading of a FlatBuffers file: what a hostile file can reach is ModelError and nothing else.

Every access is checked as FlatBuffers' own verifier does: offsets stay inside the file, scalars and vectors
are aligned, strings end in a zero byte. Items of 8 bytes may lie at 4-byte alignment, as some writers put them
and both interpreters take them. The elements that are read are counted, so that a small file whose tables share
large vectors cannot cost unbounded time.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from tinyc.errors import ModelError

#: Vector elements that may be read from one file, shared vectors counted every time; constants are not read.
MAX_ELEMENTS = 4_000_000

#: Bytes that the alignment of a scalar or of a vector's items is checked to.
_ALIGNMENT = 4


class FileBytes:
    """The bytes of a file. name: for error messages."""

    def __init__(self, data: bytes, name: str) -> None:
        self.data = data
        self.name = name
        self._elements = 0

    def malformed(self, what: str) -> ModelError:
        return ModelError(
            f"{self.name}: malformed flatbuffer: {what}", "The file is damaged or no model file."
        )

    def scalar(self, position: int, code: str) -> int | float:
        """The little-endian scalar of struct format `code` at a byte position."""
        size = struct.calcsize(code)
        if position < 0 or position + size > len(self.data):
            raise self.malformed(f"offset {position} is outside of the file's {len(self.data)} bytes")
        if position % min(size, _ALIGNMENT):
            raise self.malformed(f"value of {size} bytes at the odd offset {position}")
        value: int | float = struct.unpack_from("<" + code, self.data, position)[0]
        return value

    def whole(self, position: int, code: str) -> int:
        return int(self.scalar(position, code))

    def target(self, position: int) -> int:
        """Where the 32-bit offset at a byte position points to."""
        offset = self.whole(position, "I")
        if offset == 0 or offset >= 2**31:
            raise self.malformed(f"offset of {offset} at {position}")
        return position + offset

    def extent(self, position: int, item_size: int, *, counted: bool = True) -> tuple[int, int]:
        """(first byte, number of items) of the vector at a byte position. counted: its items will be read."""
        count = self.whole(position, "I")
        start = position + 4
        if count * item_size > len(self.data) - start:
            raise self.malformed(f"vector of {count} items at {position} leaves the file")
        if start % min(item_size, _ALIGNMENT):
            raise self.malformed(f"vector of {item_size}-byte items at the odd offset {start}")
        self._elements += count if counted else 0
        if self._elements > MAX_ELEMENTS:
            raise self.malformed(f"more than {MAX_ELEMENTS} vector elements")
        return start, count

    def root(self, identifier: bytes) -> Table:
        if len(self.data) < 8:
            raise self.malformed(f"{len(self.data)} bytes are too few")
        if self.data[4:8] != identifier:
            raise self.malformed(f"file identifier is {self.data[4:8]!r}, not {identifier!r}")
        return Table(self, self.target(0))


class Table:
    """One table of the file. Fields are numbered as in the schema, from 0."""

    def __init__(self, buffer: FileBytes, position: int) -> None:
        self._buffer = buffer
        self._position = position
        vtable = position - buffer.whole(position, "i")
        self._vtable = vtable
        self._vtable_size = buffer.whole(vtable, "H")
        self._size = buffer.whole(vtable + 2, "H")
        if self._vtable_size < 4 or self._vtable_size % 2 or vtable + self._vtable_size > len(buffer.data):
            raise buffer.malformed(f"table at {position} has a vtable of {self._vtable_size} bytes")
        if position + self._size > len(buffer.data):
            raise buffer.malformed(f"table at {position} leaves the file")

    def has(self, field: int) -> bool:
        return self._at(field) is not None

    def integer(self, field: int, code: str, default: int = 0) -> int:
        """code: struct format of the field's type, such as "b", "I" or "?"."""
        at = self._at(field)
        return default if at is None else int(self._buffer.scalar(at, code))

    def real(self, field: int, default: float = 0.0) -> float:
        """A float32 field."""
        at = self._at(field)
        return default if at is None else float(self._buffer.scalar(at, "f"))

    def table(self, field: int) -> Table | None:
        at = self._at(field)
        return None if at is None else Table(self._buffer, self._buffer.target(at))

    def tables(self, field: int) -> Iterator[Table]:
        """A vector of tables, read one by one; empty where the field is missing."""
        start, count = self.slots(field)
        for i in range(count):
            yield Table(self._buffer, self._buffer.target(start + 4 * i))

    def slots(self, field: int) -> tuple[int, int]:
        """(byte position of the first, number) of the offsets in a vector of tables; (0, 0) without the field."""
        at = self._at(field)
        return (0, 0) if at is None else self._buffer.extent(self._buffer.target(at), 4)

    def offset_at(self, field: int) -> int | None:
        """Byte position of the offset that a field of vector, string or table type is; None where it is missing."""
        at = self._at(field)
        if at is not None:
            self._buffer.target(at)
        return at

    def array(self, field: int, dtype: npt.DTypeLike) -> npt.NDArray[np.generic] | None:
        """A vector of scalars; None where the field is missing."""
        at = self._at(field)
        if at is None:
            return None
        item = np.dtype(dtype).newbyteorder("<")
        start, count = self._buffer.extent(self._buffer.target(at), item.itemsize)
        return np.frombuffer(self._buffer.data, item, count, start)

    def integers(self, field: int, dtype: npt.DTypeLike = np.int32) -> tuple[int, ...]:
        """A vector of integers; empty where the field is missing."""
        found = self.array(field, dtype)
        return () if found is None else tuple(int(v) for v in found)

    def data(self, field: int) -> memoryview | None:
        """A vector of bytes, not copied; None where the field is missing."""
        at = self._at(field)
        if at is None:
            return None
        start, count = self._buffer.extent(self._buffer.target(at), 1, counted=False)
        return memoryview(self._buffer.data)[start : start + count]

    def string(self, field: int) -> str:
        """A string; "" where the field is missing."""
        at = self._at(field)
        if at is None:
            return ""
        start, count = self._buffer.extent(self._buffer.target(at), 1)
        end = start + count
        if end >= len(self._buffer.data) or self._buffer.data[end] != 0:
            raise self._buffer.malformed(f"string at {start} is not terminated")
        try:
            return self._buffer.data[start:end].decode()
        except UnicodeDecodeError:
            raise self._buffer.malformed(f"string at {start} is not UTF-8") from None

    def _at(self, field: int) -> int | None:
        """Byte position of a field's value, None where the table does not have it."""
        slot = 4 + 2 * field
        if slot + 2 > self._vtable_size:
            return None
        offset = self._buffer.whole(self._vtable + slot, "H")
        if offset == 0:
            return None
        if offset < 4 or offset >= self._size:
            raise self._buffer.malformed(f"field {field} of the table at {self._position} is outside of it")
        return self._position + offset
