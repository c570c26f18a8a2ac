"""Ops by calls of the user's own CMSIS-NN (`--kernels cmsis-nn=PATH`).

Its functions take whole tensors, so convolutions and pools have the form WHOLE: such layers are not streamed.
"""

from __future__ import annotations

#: Instruction sets in the kernels' sense: CMSIS-NN built for a core with or without Helium needs other scratch.
NAME, NAME_MVE = "cmsis-nn", "cmsis-nn-mve"
FOLDER = "cmsis_nn"
#: Bytes of scratch where CMSIS-NN needs none: the C function has the argument all the same.
LEAST = 4
