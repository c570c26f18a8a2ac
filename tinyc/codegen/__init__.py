"""From a plan to C text."""

from tinyc.codegen.c_text import identifier
from tinyc.codegen.firmware import generate

__all__ = ["generate", "identifier"]
