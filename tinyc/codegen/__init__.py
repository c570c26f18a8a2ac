"""From a plan to C text."""

from tinyc.codegen.c_text import identifier
from tinyc.codegen.firmware import generate, generate_shared

__all__ = ["generate", "generate_shared", "identifier"]
