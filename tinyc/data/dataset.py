"""What was found in DATA."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tinyc.data.rows import Rows
from tinyc.ir import Array

#: Where samples come from: a file or a folder, an array, arrays by the inputs' names, or anything that yields samples.
Calibration = str | Path | Array | Mapping[str, Array] | Iterable[object]


@dataclass(frozen=True, eq=False)
class Labels:
    """What the samples are: numbers of classes, int64 [N], or wanted outputs, float32 [N, ...].

    classes: their names by number, empty where none are known.
    """

    values: Array
    classes: tuple[str, ...] = ()

    @property
    def are_classes(self) -> bool:
        """Whether each is the number of a class."""
        return self.values.dtype.kind == "i"


@dataclass(frozen=True, eq=False)
class DataSet:
    """Samples of a model's inputs. Arrays have the model's own type, or float32 for real numbers."""

    #: by tensor, [N, *shape of the input]
    inputs: Mapping[str, Rows]
    #: of each sample, as messages name it
    names: Sequence[str]
    #: those that came with the samples
    labels: Labels | None = None
    #: what was done to the files' own values, a sentence each
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.names)

    def part(self, first: int, last: int) -> dict[str, Array]:
        """Return samples [first, last), by tensor."""
        return {name: rows[first:last] for name, rows in self.inputs.items()}
