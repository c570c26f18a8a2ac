"""Reading ELF files: what a model costs in flash and RAM, and which function an address lies in.

Costs are read from the footprint: the model linked from its API, without demo, start-up or port. All in it is
there because the model needs it, C library functions included. The linker script sorts it into sections; on
the host, which has none, the footprint is a relocatable file that still has the sections of its input.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import Section, SymbolTableSection

from tinyc.errors import InternalError
from tinyc.target.boards import Board

_CODE = (".text", ".rodata", ".ARM.exidx", ".ARM.extab", ".eh_frame", ".srodata")
_DATA = (".data", ".sdata", ".tdata")
_ZEROED = (".bss", ".sbss", ".tbss")


@dataclass(frozen=True)
class Footprint:
    """Bytes a model takes. data: variables with an initial value, in RAM and, as an image, in flash."""

    weights: int
    code: int
    data: int
    zeroed: int
    arena: int

    @property
    def static(self) -> int:
        """RAM besides arena and stack."""
        return self.data + self.zeroed

    @property
    def flash(self) -> int:
        """Flash in total."""
        return self.weights + self.code + self.data


def read_footprint(elf: Path, name: str) -> Footprint:
    """Costs of the model `name` from its footprint; an arena that the application provides counts as 0."""
    weights = code = data = zeroed = arena = 0
    constants = _weights_sections(elf, name)
    for section in _allocated(elf):
        size = section["sh_size"]
        if section.name in {".tc_arena", f".bss.{name}_arena"}:
            arena += size
        elif section.name == ".tc_weights" or section.name in constants:
            weights += size
        elif section.name in {".vectors", ".tc_stack"}:
            continue
        elif _is_one_of(section.name, _CODE):
            code += size
        elif _is_one_of(section.name, _DATA):
            data += size
        elif _is_one_of(section.name, _ZEROED):
            zeroed += size
        elif size:
            raise InternalError(
                f"{elf}: section {section.name} of {size} bytes is not expected in a footprint."
            )
    return Footprint(weights, code, data, zeroed, arena)


def region_use(elf: Path, board: Board) -> dict[str, int]:
    """Bytes of each of the board's memory regions that a linked demo takes, its reserved stack included."""
    used = {region.name: 0 for region in board.regions}
    with elf.open("rb") as stream:
        for segment in ELFFile(stream).iter_segments("PT_LOAD"):
            for start, size in _spans(
                segment["p_vaddr"], segment["p_memsz"], segment["p_paddr"], segment["p_filesz"]
            ):
                for region in board.regions:
                    if region.origin <= start < region.origin + region.size:
                        used[region.name] += size
    return used


@dataclass(frozen=True)
class Symbol:
    """A function at [start, end), without the Thumb bit."""

    name: str
    start: int
    end: int


def function_symbols(elf: Path) -> tuple[Symbol, ...]:
    """All functions of an ELF or object file."""
    with elf.open("rb") as stream:
        table = ELFFile(stream).get_section_by_name(".symtab")
        return tuple(
            Symbol(str(symbol.name), symbol["st_value"] & ~1, (symbol["st_value"] & ~1) + symbol["st_size"])
            for symbol in (table.iter_symbols() if isinstance(table, SymbolTableSection) else ())
            if symbol["st_info"]["type"] == "STT_FUNC" and symbol["st_shndx"] != "SHN_UNDEF"
        )


def labels(elf: Path, prefix: str) -> tuple[tuple[str, int], ...]:
    """(name, address) of all symbols whose name begins so."""
    with elf.open("rb") as stream:
        table = ELFFile(stream).get_section_by_name(".symtab")
        symbols = list(table.iter_symbols()) if isinstance(table, SymbolTableSection) else []
        return tuple((str(s.name), int(s["st_value"])) for s in symbols if s.name.startswith(prefix))


def symbol_at(elf: Path, address: int) -> str | None:
    """Name of the function that holds the address, or None. The Thumb bit is ignored."""
    with elf.open("rb") as stream:
        table = ELFFile(stream).get_section_by_name(".symtab")
        for symbol in table.iter_symbols() if isinstance(table, SymbolTableSection) else ():
            start = symbol["st_value"] & ~1
            if symbol["st_info"]["type"] == "STT_FUNC" and start <= address & ~1 < start + symbol["st_size"]:
                return str(symbol.name)
    return None


def symbol_address(elf: Path, name: str) -> int | None:
    """Where a symbol lies, or None."""
    with elf.open("rb") as stream:
        table = ELFFile(stream).get_section_by_name(".symtab")
        found = table.get_symbol_by_name(name) if isinstance(table, SymbolTableSection) else None
        return int(found[0]["st_value"]) if found else None


def _spans(address: int, size: int, image: int, image_size: int) -> tuple[tuple[int, int], ...]:
    """What a segment takes where it runs and, if it lies elsewhere, where it is stored."""
    return ((address, size),) if address == image else ((address, size), (image, image_size))


def _allocated(elf: Path) -> list[Section]:
    try:
        with elf.open("rb") as stream:
            sections = list(ELFFile(stream).iter_sections())
            return [section for section in sections if section["sh_flags"] & SH_FLAGS.SHF_ALLOC]
    except ELFError as error:
        raise InternalError(f"{elf}: is not an ELF file: {error}.") from error


def _weights_sections(elf: Path, name: str) -> set[str]:
    """Names of the constants' sections on the host, where the linker has not gathered them; else none."""
    if elf.suffix != ".o":
        return set()
    objects = [elf.parent / "obj" / f"{stem}.o" for stem in (name, f"{name}_weights")]
    sections = [section.name for path in objects for section in _allocated(path)]
    return {section for section in sections if _is_one_of(section, (".rodata", ".data.rel.ro"))}


def _is_one_of(section: str, names: tuple[str, ...]) -> bool:
    return any(section == name or section.startswith(name + ".") for name in names)
