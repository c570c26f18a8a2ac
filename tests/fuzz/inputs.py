"""Endless inputs for a target, the same ones for the same seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, count

import numpy as np

from tests.fuzz.structural import attacks
from tests.modelgen import random_model
from tests.mutate import Mutation, cuts, flips, overwrites
from tinyc.paths import data_dir
from tinyc.target.boards import board_names

#: Copies of one file by one kind of damage before the next file's turn.
_ROUND = 20


def model_inputs(files: Sequence[bytes], seed: int) -> Iterator[Mutation]:
    """Damaged copies of each file by turns: flipped bits, overwritten words, cut ends."""
    for turn in count(seed):
        for data in files:
            yield from flips(data, _ROUND, turn)
            yield from overwrites(data, _ROUND, turn)
            yield from cuts(data, 8, turn) if turn == seed else ()


def structural_inputs(files: Sequence[bytes]) -> Iterator[Mutation]:
    """All attacks on each file, and then on models of the generator."""
    yield from chain.from_iterable(attacks(data) for data in files)
    for number in count():
        yield from attacks(random_model(number).data)


def board_inputs(seed: int) -> Iterator[Mutation]:
    """Board files of ours with a value, a key or a line changed."""
    texts = [(data_dir("boards") / name / "board.toml").read_text() for name in board_names()]
    values = (
        '"../../../../etc/passwd"', '"$(shell id)"', '"`id`"', '"a\\nb"', '["x", "-Wl,--plugin=./x.so"]', "-1", "0",
        "1e400", "nan", "true", '""', '"' + "x" * 5000 + '"', "[]", "{}", "0xFFFFFFFFFFFFFFFFF", '"4M"', "2020-01-01",
    )  # fmt: skip
    rng = np.random.default_rng(seed)
    for number in count():
        lines = texts[int(rng.integers(len(texts)))].splitlines()
        for _ in range(int(rng.integers(1, 4))):
            at = int(rng.integers(len(lines)))
            key, equals, _ = lines[at].partition(" = ")
            value = values[int(rng.integers(len(values)))]
            change = int(rng.integers(5))
            if change == 0 or not equals:
                lines.pop(at) if len(lines) > 1 else None
            elif change == 1:
                lines.insert(at, lines[int(rng.integers(len(lines)))])
            elif change == 2:
                lines[at] = f"{key}x = {value}"
            else:
                lines[at] = f"{key} = {value}"
        yield Mutation(f"board {number}", "\n".join(lines).encode())
