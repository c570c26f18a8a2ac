"""An estimate of cycles: the instructions that an emulated inference executed, under a model of its core.

QEMU logs every basic block it executes (`trace`), the ELF's disassembly says what the blocks hold (`thumb`, `riscv`),
and a table per core says what that takes (`cores`, `estimate`). docs/cycles.md has the sources and the expected error.
"""

from tinyc.cycles.cores import Core
from tinyc.cycles.estimate import Estimate
from tinyc.cycles.run import estimate_layers, estimate_run, model_of

__all__ = ["Core", "Estimate", "estimate_layers", "estimate_run", "model_of"]
