"""What a run of the demo gives back, and the files and console lines it is read from.

The formats are those of templates/main.c.j2:
vectors.bin  "TCV1", u32 samples, u32 input bytes, u32 output bytes, then per sample inputs, expected outputs
outputs.bin  per sample the outputs
trace.bin    records of u32 layer, u32 bytes, data; layer 0xFFFFFFFF begins a sample
console      lines "tinyc: <what> <key>=<value> …"
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tinyc.errors import FitError, InternalError, ToolError
from tinyc.target.elf import symbol_at

_SAMPLE_BEGINS = 0xFFFFFFFF


@dataclass(frozen=True)
class TraceRecord:
    """`data` was written by that layer; a layer that runs row by row leaves a record per piece, in order."""

    layer: int
    data: bytes


@dataclass(frozen=True)
class RawRun:
    """One run over all samples. On host instructions is empty and stack_high_water None.

    outputs: per sample, all outputs joined. mismatches: per sample, elements unlike the expected.
    stack_high_water: bytes the inference call took at most.
    layer_instructions: of the first sample, profile only. trace: records per sample, trace only.
    """

    outputs: tuple[bytes, ...]
    mismatches: tuple[int, ...]
    instructions: tuple[int, ...]
    stack_high_water: int | None
    layer_instructions: tuple[int, ...]
    trace: tuple[tuple[TraceRecord, ...], ...]
    console: str

    def layer_outputs(self, sample: int) -> dict[int, bytes]:
        """All bytes each layer wrote for a sample, in the order written."""
        joined: dict[int, bytearray] = {}
        for record in self.trace[sample]:
            joined.setdefault(record.layer, bytearray()).extend(record.data)
        return {layer: bytes(data) for layer, data in joined.items()}


def pack_vectors(samples: Sequence[tuple[bytes, bytes]]) -> bytes:
    """vectors.bin of (inputs, expected outputs) per sample, each the tensors' raw bytes joined."""
    sizes = {(len(inputs), len(outputs)) for inputs, outputs in samples}
    if len(sizes) != 1:
        raise InternalError(f"Test vectors of different sizes: {sorted(sizes)}.")
    ((input_bytes, output_bytes),) = sizes
    head = struct.pack("<4sIII", b"TCV1", len(samples), input_bytes, output_bytes)
    return head + b"".join(inputs + outputs for inputs, outputs in samples)


def read_run(elf: Path, folder: Path, vectors: bytes, console: str, status: int) -> RawRun:
    """The result of a demo that ended with `status` and left its files in `folder`; raises if it failed."""
    _check_console(elf, console, status)
    samples = [line for line in _lines(console) if line[0] == "sample"]
    count, _, output_bytes = struct.unpack_from("<4xIII", vectors)
    outputs = _read(folder / "outputs.bin")
    if len(outputs) != count * output_bytes or len(samples) != count:
        raise ToolError(
            f"{elf.name} reported {len(samples)} samples and {len(outputs)} bytes, not {count} samples."
        )
    stack = [int(fields["high_water"]) for what, fields in _lines(console) if what == "stack"]
    return RawRun(
        outputs=tuple(outputs[i * output_bytes : (i + 1) * output_bytes] for i in range(count)),
        mismatches=tuple(int(fields["mismatches"]) for _, fields in samples),
        instructions=tuple(int(f["instructions"]) for _, f in samples if "instructions" in f),
        stack_high_water=stack[0] if stack else None,
        layer_instructions=tuple(int(f["instructions"]) for what, f in _lines(console) if what == "layer"),
        trace=read_trace(_read(folder / "trace.bin")),
        console=console,
    )


def read_trace(data: bytes) -> tuple[tuple[TraceRecord, ...], ...]:
    """Records of trace.bin, by sample."""
    samples: list[list[TraceRecord]] = []
    at = 0
    while at < len(data):
        layer, size = struct.unpack_from("<II", data, at)
        at += 8
        if layer == _SAMPLE_BEGINS:
            samples.append([])
        else:
            samples[-1].append(TraceRecord(layer, data[at : at + size]))
        at += size
    return tuple(tuple(records) for records in samples)


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _lines(console: str) -> list[tuple[str, dict[str, str]]]:
    """(first word, key=value pairs) of each line meant for the tool."""
    found = []
    for line in console.splitlines():
        if line.startswith("tinyc: "):
            words = line.removeprefix("tinyc: ").split()
            found.append((words[0], dict(word.split("=", 1) for word in words[1:] if "=" in word)))
    return found


_NOT_ARRIVED = (
    "In a board of your own: every [[ram]] of board.toml must be there in what the emulator runs, and "
    "TC_MAILBOX_BASE must be 0x90000000 for Renode."
)


def _check_console(elf: Path, console: str, status: int) -> None:
    """Raises unless the demo ran to its end, with or without mismatches."""
    for what, fields in _lines(console):
        if what == "fault":
            raise _fault(elf, fields)
    if "AddressSanitizer" in console or "runtime error:" in console:
        shown = [
            line
            for line in console.splitlines()
            if "runtime error:" in line or "ERROR:" in line or " in " in line
        ]
        raise InternalError(f"{elf.name} broke a rule of C:\n" + "\n".join(shown[:8]))
    error = re.search(r"^tinyc: error (.*)$", console, re.MULTILINE)
    if error and "stack is used up" in error[1]:
        raise FitError(f"{elf.name}: the stack ran out of memory.")
    if error:
        hint = _NOT_ARRIVED if "did not arrive" in error[1] else ""
        raise ToolError(f"{elf.name} stopped: {error[1]}.", hint)
    if not any(what == "done" for what, _ in _lines(console)) or status not in (0, 1):
        last = "\n".join(console.strip().splitlines()[-5:])
        raise ToolError(f"{elf.name} ended with status {status} before it was done. It printed last:\n{last}")


def _fault(elf: Path, fields: dict[str, str]) -> FitError | InternalError:
    where = symbol_at(elf, int(fields["pc"], 16)) or "unknown code"
    caller = symbol_at(elf, int(fields["lr"], 16) - 2)  # within the call, not behind it
    registers = " ".join(f"{key}={value}" for key, value in fields.items() if key != "cause")
    from_text = f", called from {caller}" if caller and caller != where else ""
    if fields.get("cause") == "stack-overflow":
        return FitError(f"{elf.name}: the stack ran out of memory below {caller or 'main'} ({registers}).")
    return InternalError(f"{elf.name} faulted in {where}{from_text} ({registers}).")
