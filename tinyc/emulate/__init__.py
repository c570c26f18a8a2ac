"""Running a built demo on an emulated board, or natively, and reading back what it computed and measured."""

from tinyc.emulate.result import RawRun, TraceRecord, pack_vectors
from tinyc.emulate.run import choose_emulator, emulators_for, run

__all__ = ["RawRun", "TraceRecord", "choose_emulator", "emulators_for", "pack_vectors", "run"]
