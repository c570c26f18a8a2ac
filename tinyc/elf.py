"""Reading ELF files: which function an address lies in."""

from __future__ import annotations

from pathlib import Path

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection


def symbol_at(elf: Path, address: int) -> str | None:
    """Name of the function that holds the address, or None. The Thumb bit is ignored."""
    with elf.open("rb") as stream:
        table = ELFFile(stream).get_section_by_name(".symtab")
        for symbol in table.iter_symbols() if isinstance(table, SymbolTableSection) else ():
            start = symbol["st_value"] & ~1
            if symbol["st_info"]["type"] == "STT_FUNC" and start <= address & ~1 < start + symbol["st_size"]:
                return str(symbol.name)
    return None
