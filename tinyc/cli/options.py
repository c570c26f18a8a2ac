"""The compile options, each declared once, and what they make of the command line."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from tinyc.data import parse_preprocess
from tinyc.errors import UsageError
from tinyc.frontends.tflite.select import NamedShape
from tinyc.options import Options, precision_of
from tinyc.target.board_fields import parse_size
from tinyc.target.boards import board_names, load_board


class Goal(StrEnum):
    balanced = "balanced"
    ram = "ram"
    speed = "speed"
    flash = "flash"


class Effort(StrEnum):
    fast = "fast"
    good = "good"
    best = "best"


class Observer(StrEnum):
    min_max = "min-max"
    percentile = "percentile"
    mse = "mse"
    entropy = "entropy"


class InputMode(StrEnum):
    resident = "resident"
    rows = "rows"


class Quantization(StrEnum):
    none = "none"
    int8 = "int8"
    ternary = "ternary"


class Reference(StrEnum):
    litert = "litert"
    tflm = "tflm"


def size_of(text: str) -> int:
    """Read a size of the command line."""
    try:
        return parse_size(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _option(flag: str, **more: Any) -> Any:
    return typer.Option(flag, rich_help_panel="Compile options", **more)


def boards_like(incomplete: str) -> list[str]:
    """Return the boards that begin so, for the shell's completion."""
    return [name for name in board_names() if name.startswith(incomplete)]


_CMSIS_NN = "cmsis-nn="
_BYTES = "Bytes, or with k, KB, KiB, M, MB or MiB (all of 1024)."

Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Show nothing but errors: the exit code tells the rest.")
]


CalibrationOption = Annotated[
    Path | None,
    _option(
        "--calibration",
        metavar="DATA",
        help="A few hundred inputs as the model will see them: an .npz or .npy, samples along axis 0, or a folder of "
        "images (.png, .jpg, .bmp) or of sounds (.wav).",
    ),
]

PreprocessOption = Annotated[
    str | None,
    _option(
        "--preprocess",
        metavar="KEY=VALUE,...",
        help="What images and sounds of a folder become: resize=HxW, fit=stretch|crop|pad, order=rgb|bgr|grey, "
        "scale=0..1 (or another range), mean=..., std=..., rate=16000, frames=all|first.",
    ),
]

LabelsOption = Annotated[
    Path | None,
    typer.Option(
        "--labels",
        metavar="L",
        help="What the samples are: an .npy or .npz, or a .txt or .csv with a label a line, or FILE,LABEL. Folders of "
        "classes need none; a .txt with their names gives another order.",
    ),
]

EffortOption = Annotated[
    Effort,
    _option(
        "--effort",
        help="How much is searched. For plans of little RAM: fast takes the first, best looks ten times as long; "
        "Ctrl-C takes the best so far. To quantize: fast takes each scale and weight by itself, good a layer's weights "
        "by what the layer computes, best scales by the answers of the whole network, too.",
    ),
]

PrecisionOption = Annotated[
    Path | None,
    _option(
        "--precision",
        metavar="FILE.toml",
        help="Which layers of a float model become int8 and which stay float32, by name or pattern.",
    ),
]

ObserverOption = Annotated[
    Observer | None,
    _option(
        "--observer",
        help="How ranges are chosen from --calibration: mse (default) by the least squared error, min-max clips "
        "nothing, percentile leaves out 0.01 % at each end, entropy keeps most of the distribution.",
        show_default=False,
    ),
]

ReferenceOption = Annotated[
    Reference,
    _option("--reference", help="Whose arithmetic to follow, byte for byte: LiteRT's or TFLite Micro's."),
]

SignatureOption = Annotated[
    str | None,
    _option("--signature", metavar="NAME", help="Which of the model's signatures, where it has several."),
]

ShapeOption = Annotated[
    list[str] | None,
    _option(
        "--shape",
        metavar="NAME=N,N...",
        help="Shape of an input that the model leaves open, as image=1,96,96,3; once for each input.",
    ),
]


def board_option(more: str) -> Any:
    """Return the option --board, with `more` in its help."""
    text = f"Name of a board (tinyc boards lists them), or path of a board.toml. {more}".strip()
    return typer.Option("--board", "-b", metavar="BOARD", help=text, autocompletion=boards_like)


@dataclass(frozen=True)
class CompileOptions:
    """The options of every command that compiles, but for the board.

    A field here is an option of `compile`, `run` and `report` and part of the command line that generated files
    quote; `make_options` says what it means.
    """

    ram_budget: Annotated[
        int | None,
        _option(
            "--ram-budget",
            parser=size_of,
            metavar="SIZE",
            help=f"Most RAM: the fastest firmware that fits is taken. {_BYTES}",
        ),
    ] = None
    flash_budget: Annotated[
        int | None,
        _option(
            "--flash-budget",
            parser=size_of,
            metavar="SIZE",
            help=f"Most flash: the fastest firmware that fits is taken. {_BYTES}",
        ),
    ] = None
    optimize: Annotated[
        Goal,
        _option(
            "--optimize",
            help="balanced: least RAM with the fastest kernels; ram: least RAM with any; speed: fewest instructions; "
            "flash: least flash. Nothing is computed twice unless a RAM budget asks for it.",
        ),
    ] = Goal.balanced
    effort: EffortOption = Effort.good
    input_mode: Annotated[
        InputMode,
        _option("--input", help="The first input lies in RAM, or a callback delivers it row by row."),
    ] = InputMode.resident
    reference: ReferenceOption = Reference.litert
    kernels: Annotated[
        str,
        _option(
            "--kernels",
            metavar="auto|ISA|cmsis-nn=PATH",
            help="auto: the board's best kernels; ref: portable C; or another ISA of the board; or your own "
            "CMSIS-NN, and the board's best where it has none.",
        ),
    ] = "auto"
    name: Annotated[
        str | None,
        _option(
            "--name",
            metavar="NAME",
            help="Prefix of the C names. [dim]\\[default: the file's name][/dim]",
        ),
    ] = None
    signature: SignatureOption = None
    shape: ShapeOption = None
    quantize: Annotated[
        Quantization | None,
        _option(
            "--quantize",
            help="int8: quantize a float model, by the inputs of --calibration; ternary: the same, and weights of "
            "wide layers become -k, 0 or k; none: compute in float32, which is the default without --calibration.",
        ),
    ] = None
    calibration: CalibrationOption = None
    preprocess: PreprocessOption = None
    precision: PrecisionOption = None
    observer: ObserverOption = None

    @property
    def quantizes(self) -> bool:
        """Whether a float model becomes bytes, by --calibration."""
        return self.quantize in (Quantization.int8, Quantization.ternary)


def _declared() -> dict[str, Any]:
    """Return the type of each field of CompileOptions, with its option."""
    return get_type_hints(CompileOptions, include_extras=True)


def takes_compile_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the fields of CompileOptions as options of its own, in place of its parameter `chosen`."""
    names = [field.name for field in fields(CompileOptions)]

    @wraps(command)
    def called(**values: Any) -> None:
        chosen = CompileOptions(**{name: values.pop(name) for name in names})
        command(**values, chosen=chosen)

    declared = inspect.signature(command, eval_str=True)
    own = [parameter for name, parameter in declared.parameters.items() if name != "chosen"]
    added = [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=field.default,
            annotation=_declared()[field.name],
        )
        for field in fields(CompileOptions)
    ]
    signature = declared.replace(parameters=[*own, *added])
    # typer reads both
    called.__signature__ = signature  # type: ignore[attr-defined]
    called.__annotations__ = {name: one.annotation for name, one in signature.parameters.items()}
    return called


def make_options(
    model: Path, board: str, chosen: CompileOptions, *, needs_calibration: bool = True
) -> Options:
    """Return the compiler's options, with the command line as generated files quote it.

    needs_calibration: whether --preprocess is for the calibration data alone.
    """
    facts = load_board(board)
    _check_quantization(chosen)
    if needs_calibration and chosen.preprocess is not None and chosen.calibration is None:
        raise UsageError("--preprocess says what the files of --calibration become, which is missing")
    if not chosen.quantizes and (chosen.precision is not None or chosen.observer is not None):
        flag = "--observer" if chosen.precision is None else "--precision"
        raise UsageError(f"{flag} says how --quantize int8 works, which is missing")
    kernels = chosen.kernels
    library = Path(kernels.removeprefix(_CMSIS_NN)) if kernels.startswith(_CMSIS_NN) else None
    return Options(
        board=facts,
        reference=chosen.reference.value,
        kernels="auto" if library else kernels,
        library=library,
        input_mode=chosen.input_mode.value,
        optimize=chosen.optimize.value,
        effort=chosen.effort.value,
        ram_budget=chosen.ram_budget,
        flash_budget=chosen.flash_budget,
        name=chosen.name,
        signature=chosen.signature,
        shapes=named_shapes(chosen.shape),
        calibration=chosen.calibration,
        preprocess=parse_preprocess(chosen.preprocess),
        in_float=chosen.quantize is Quantization.none,
        precision=precision_of(
            chosen.precision,
            chosen_observer(chosen.observer),
            is_ternary=chosen.quantize is Quantization.ternary,
        ),
        command=" ".join(["tinyc", "compile", model.name, "--board", facts.name, *_quoted(chosen)]),
    )


def chosen_observer(observer: Observer | None) -> Any:
    """Return the name of an observer, None for none."""
    return None if observer is None else observer.value


def _check_quantization(chosen: CompileOptions) -> None:
    if chosen.quantize is not None and chosen.quantizes and chosen.calibration is None:
        raise UsageError(
            f"--calibration DATA is missing: --quantize {chosen.quantize.value} needs a few hundred inputs "
            "as the model will see them",
            "an .npz or .npy, samples along axis 0; or --quantize none for firmware in float32",
        )
    if chosen.calibration is not None and not chosen.quantizes:
        raise UsageError("--quantize int8 is missing: --calibration is for that")


def named_shapes(texts: list[str] | None) -> tuple[NamedShape, ...]:
    """Return the shapes that --shape gives."""
    return tuple(map(_shape, texts or ()))


def _shape(text: str) -> NamedShape:
    """Read NAME=1,96,96,3, or 1,96,96,3 for the only input."""
    name, _, sizes = text.rpartition("=")
    try:
        return name, tuple(int(size) for size in sizes.split(","))
    except ValueError as problem:
        raise UsageError(
            f"--shape {text}: '{sizes}' is no shape", "sizes with commas in between, as image=1,96,96,3"
        ) from problem


def _quoted(chosen: CompileOptions) -> list[str]:
    """Return the options that are not the default, in one order: the same firmware, the same bytes."""
    words = []
    for field in fields(CompileOptions):
        value = getattr(chosen, field.name)
        if value == field.default:
            continue
        flag = next(more for more in _declared()[field.name].__metadata__).default
        for one in value if isinstance(value, list) else [value]:
            words += [flag, _told(one)]
    return words


def _told(value: object) -> str:
    """Return a value without the folders of the machine that compiles."""
    text = value.name if isinstance(value, Path) else str(value)
    return _CMSIS_NN + Path(text.removeprefix(_CMSIS_NN)).name if text.startswith(_CMSIS_NN) else text
