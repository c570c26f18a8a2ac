"""From a plan to C text."""

from tinyc.codegen.c_text import identifier, plain
from tinyc.codegen.firmware import generate

__all__ = ["generate", "identifier", "plain"]
