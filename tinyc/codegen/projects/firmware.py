"""What the templates of a project need to know of a model; written into the folder, so that they can be filled anew."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from tinyc.errors import UsageError
from tinyc.target.board_fields import matching

#: In the firmware folder.
FACTS = "firmware.json"

_Bytes = Annotated[int, Field(ge=0, lt=1 << 32)]
_PART = r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,120}"
_Source = Annotated[str, matching(rf"({_PART}/){{0,16}}{_PART}\.c", "the path of a .c file in the folder")]
_Folder = Annotated[str, matching(rf"({_PART}/){{0,16}}{_PART}", "the path of a folder in the folder")]
_Line = Annotated[str, matching(r"[A-Za-z0-9_.,:;/+=()\[\]@ -]{0,500}", "plain text")]
_Name = Annotated[str, matching(r"[A-Za-z_][A-Za-z0-9_]{0,99}", "a C identifier")]


@dataclass(frozen=True)
class BorderTensor:
    """An input or output of the C API: bytes in total and of one element."""

    bytes: _Bytes
    element_bytes: Annotated[int, Field(ge=1, le=8)] = 1
    #: Of its function names: "" for the first, "_1" for the second.
    suffix: Annotated[str, matching(r"(_[0-9]{1,5})?", "a suffix such as _1")] = ""


@dataclass(frozen=True)
class RowInput:
    """The first input is delivered row by row: `count` rows of `bytes` bytes."""

    count: _Bytes
    bytes: _Bytes


@dataclass(frozen=True)
class Firmware:
    """What the templates need to know of a model."""

    name: _Name
    #: First comment lines of every file.
    banner: Annotated[tuple[_Line, ...], Field(max_length=8)]
    inputs: tuple[BorderTensor, ...]
    outputs: tuple[BorderTensor, ...]
    #: Kernels, relative to the firmware folder.
    sources: tuple[_Source, ...]
    #: How many indices TC_LAYER_BEGIN may take.
    layers: Annotated[int, Field(ge=0, lt=1 << 20)]
    arena_bytes: _Bytes
    rows: RowInput | None = None
    #: What must be left for the stack.
    stack_bytes: _Bytes = 2048
    #: Sources that are not ours, whose warnings do not count.
    library: tuple[_Source, ...] = ()
    #: Folders of the library's headers.
    includes: tuple[_Folder, ...] = ()
    optimize: Annotated[str, matching(r"-O[0-3s]", "a level of optimisation")] = "-O2"

    @property
    def run(self) -> str:
        """Name of the inference function."""
        return f"{self.name}_run_rows" if self.rows else f"{self.name}_run"

    @property
    def roots(self) -> tuple[str, ...]:
        """The functions an application needs; what they reach is what the model costs."""
        inputs = self.inputs[1:] if self.rows else self.inputs
        return (
            self.run,
            *(f"{self.name}_input{tensor.suffix}" for tensor in inputs),
            *(f"{self.name}_output{tensor.suffix}" for tensor in self.outputs),
        )


def facts(firmware: Firmware) -> str:
    """firmware.json."""
    return json.dumps(asdict(firmware), indent=1) + "\n"


def read_facts(text: bytes, where: str) -> Firmware:
    """What `facts` wrote. Raises UsageError for anything that a template should not be filled with."""
    try:
        return TypeAdapter(Firmware).validate_json(text, strict=True)
    except ValidationError as problem:
        first = problem.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{where}: {field}: {first['msg'].removeprefix('Value error, ')}.") from problem
