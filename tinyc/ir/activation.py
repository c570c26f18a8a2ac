"""The activation that an op applies to what it computed."""

from __future__ import annotations

from enum import Enum


class Activation(Enum):
    """What becomes of the real numbers that an op computed. value: the least and the greatest, None for no bound."""

    value: tuple[float | None, float | None]

    NONE = (None, None)
    RELU = (0.0, None)
    RELU6 = (0.0, 6.0)
    RELU_N1_TO_1 = (-1.0, 1.0)

    @property
    def low(self) -> float | None:
        """The least real number that is left."""
        return self.value[0]

    @property
    def high(self) -> float | None:
        """The greatest real number that is left."""
        return self.value[1]

    def __str__(self) -> str:
        return self.name
