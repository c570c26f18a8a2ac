"""Reading a report.json, which may be damaged or a stranger's: its types, and that its paths stay in its folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tinyc.errors import UsageError
from tinyc.paths import missing_hint
from tinyc.target.board_fields import matching

#: A report of a network with a thousand operators has half a megabyte.
_LARGEST = 1 << 25

Count = Annotated[int, Field(strict=True, ge=0, lt=1 << 63)]
Shape = Annotated[list[Annotated[int, Field(strict=True, gt=0, lt=1 << 31)]], Field(max_length=16)]
Text = Annotated[str, Field(strict=True, max_length=1 << 16)]

_PART = r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,250}"
FilePath = Annotated[str, matching(rf"(?=.{{1,1000}}$)({_PART}/){{0,16}}{_PART}", "a path within the folder")]
Sha256 = Annotated[str, matching(r"[0-9a-f]{64}", "a SHA-256")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow")


class _Shape(_Part):
    input: Text
    shape: Shape


class _Quantized(_Part):
    sha256: Text
    effort: Text


class _Model(_Part):
    file: Text | None = None
    signature: Text | None = None
    shapes: Annotated[list[_Shape], Field(max_length=1024)] = []
    sha256: Text | None = None
    macs: Count | None = None
    quantized: _Quantized | None = None


class _Ram(_Part):
    total: Count | None = None
    arena: Count | None = None
    static: Count | None = None
    stack: Count | None = None


class _Flash(_Part):
    total: Count | None = None
    weights: Count | None = None
    code: Count | None = None


class _Layer(_Part):
    name: Text | None = None
    op: Text | None = None
    kernel: Text | None = None
    position: Count | None = None
    macs: Count | None = None


class _Report(_Part):
    """What the tool itself reads of a report; more keys may be there."""

    schema_number: Literal[1] = Field(alias="schema")
    model: _Model
    board: Text
    ram: _Ram
    flash: _Flash
    layers: Annotated[list[_Layer], Field(max_length=1 << 16)]
    kernels: Annotated[dict[Text, Count], Field(max_length=1 << 16)] = {}
    files: Annotated[dict[FilePath, Sha256], Field(max_length=1 << 16)] | None = None


class _Port(_Part):
    name: Text
    shape: Shape
    #: Whether the model file has the last dimension second.
    channels_second: bool = False
    dtype: Text
    model_dtype: Text
    scale: Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)] | None
    zero_point: Annotated[int, Field(strict=True, ge=-128, le=255)] | None


class _Interface(_Part):
    inputs: Annotated[list[_Port], Field(min_length=1, max_length=1024)]
    outputs: Annotated[list[_Port], Field(min_length=1, max_length=1024)]


class _CompiledModel(_Model):
    file: Text
    sha256: Text
    macs: Count
    parameters: Count


class _CompiledRam(_Ram):
    total: Count | None
    arena: Count
    static: Count
    stack: Count | None
    lower_bound: Count
    budget: Count | None


class _CompiledFlash(_Flash):
    total: Count | None
    weights: Count | None
    code: Count | None
    budget: Count | None


class _CompiledLayer(_Layer):
    name: Text
    index: Count
    position: Count
    op: Text
    kernel: Text
    macs: Count
    weights_bytes: Count
    output_shape: Annotated[list[Count], Field(max_length=16)]
    live_ram: Count


class _Stage(_Part):
    kind: Literal["layer", "stream", "patch"]
    ops: Annotated[list[Count], Field(max_length=1 << 16)]
    peak: Count


class _Plan(_Part):
    ram: Count | None
    macs: Count
    reads_per_row_max: Count


class _Schedule(_Part):
    macs_executed: Count
    recompute_ratio: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    stages: Annotated[list[_Stage], Field(max_length=1 << 16)]
    pareto: Annotated[list[_Plan], Field(max_length=1 << 16)]


class _Input(_Part):
    mode: Literal["resident", "rows"]
    reads_per_row_max: Count


class _Compiled(_Report):
    """The report of a firmware folder, with what a run of it needs."""

    model: _CompiledModel
    ram: _CompiledRam
    flash: _CompiledFlash
    schedule: _Schedule
    input: _Input
    command: Text
    layers: Annotated[list[_CompiledLayer], Field(max_length=1 << 16)]  # type: ignore[assignment]
    name: Text
    reference: Literal["litert", "tflm"]
    interface: _Interface
    files: Annotated[dict[FilePath, Sha256], Field(min_length=1, max_length=1 << 16)]


def read_report(path: Path, *, compiled: bool = False) -> dict[str, Any]:
    """A report.json; compiled: with all that a run of its firmware folder needs. Raises UsageError for another file."""
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"{path}: cannot be read: it is no file.")
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}.", missing_hint(path)) from error
    if len(data) > _LARGEST:
        raise UsageError(f"{path}: is larger than {_LARGEST:,} bytes: no report.json of tinyc.")
    try:
        report: dict[str, Any] = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: is not JSON: {error}.") from error
    if not isinstance(report, dict) or report.get("schema") != 1:
        raise UsageError(f"{path}: is not a report.json of schema 1.")
    try:
        (_Compiled if compiled else _Report).model_validate(report)
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        reason = "is missing" if first["type"] == "missing" else first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{path}: is not a report.json: {where}: {reason}.") from problem
    return report
