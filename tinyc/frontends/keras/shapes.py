"""Shapes of a model's inputs: an open batch is 1, other open dimensions are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tinyc.errors import ModelError, UsageError
from tinyc.frontends.tflite.select import NamedShape
from tinyc.plain import printable


@dataclass(frozen=True)
class Declared:
    """An input as the model says it; None for what it leaves open."""

    name: str
    shape: tuple[int | None, ...]
    dtype: str


def fixed_shapes(inputs: Sequence[Declared], shapes: Sequence[NamedShape]) -> list[tuple[int, ...]]:
    """Return a shape for each input. Raises UsageError for --shape that does not fit, ModelError for open ones."""
    given = dict(shapes)
    names = ", ".join(printable(i.name) for i in inputs)
    if "" in given and len(inputs) != 1:
        raise UsageError(f"--shape: the model has {len(inputs)} inputs; name one of {names}")
    unknown = sorted(set(given) - {"", *(i.name for i in inputs)})
    if unknown:
        raise UsageError(f"--shape: the model has no input '{unknown[0]}'", f"its inputs: {names}")
    return [_fixed(one, given.get(one.name, given.get(""))) for one in inputs]


def _fixed(one: Declared, wanted: tuple[int, ...] | None) -> tuple[int, ...]:
    told = ", ".join("?" if size is None else str(size) for size in one.shape)
    if wanted is not None:
        fits = len(wanted) == len(one.shape) and all(
            size > 0 and known in (None, size) for known, size in zip(one.shape, wanted, strict=False)
        )
        if not fits:
            raise UsageError(f"--shape {printable(one.name)}: the model's input is [{told}]")
        return wanted
    if None in one.shape[1:]:
        example = ",".join(str(size or (1 if i == 0 else 96)) for i, size in enumerate(one.shape))
        raise ModelError(
            f"input '{printable(one.name)}' leaves its shape open: [{told}]",
            f"say which one is meant, for instance --shape {printable(one.name)}={example}",
        )
    return tuple(size or 1 for size in one.shape)
