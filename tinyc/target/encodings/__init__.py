"""Whether a program holds only instructions that its core has: by encoding, as emulators execute more than that.

A table per core says which encodings the architecture manual gives it; what is not in the table is refused. Words
are read from the disassembly, which tells code from the constants in it.
"""

from tinyc.target.encodings.check import Foreign, check_encodings, foreign_instructions

__all__ = ["Foreign", "check_encodings", "foreign_instructions"]
