"""The checker lets right plans pass and catches every kind of wrong one."""

from __future__ import annotations

import pytest

from tinyc.errors import InternalError
from tinyc.memory import Event, Piece, check

X, Y, Z = ("x", 0), ("y", 0), ("z", 0)
GIVEN = Event("input", (), (Piece(X, 0, 8),))


def result(tag: tuple[str, int], start: int, stop: int) -> Event:
    return Event("output", (Piece(tag, start, stop),), ())


GOOD = {
    "moved, over itself": [GIVEN, Event("op", (Piece(X, 4, 12),), (), moved=(0, 8, 4)), result(X, 4, 12)],
    "apart": [GIVEN, Event("op", (Piece(X, 0, 8),), (Piece(Y, 8, 16),)), result(Y, 8, 16)],
    "over dead bytes": [
        GIVEN,
        Event("a", (Piece(X, 0, 8),), (Piece(Y, 8, 16),)),
        Event("b", (Piece(Y, 8, 16),), (Piece(Z, 0, 8),)),
        result(Z, 0, 8),
    ],
    "in place": [
        GIVEN,
        Event("op", (Piece(X, 0, 8),), (Piece(Y, 0, 8),), in_place=frozenset({X})),
        result(Y, 0, 8),
    ],
    "in place over parts": [
        Event("input", (), (Piece(X, 0, 4), Piece(("x", 1), 4, 8))),
        Event(
            "op",
            (Piece(X, 0, 4), Piece(("x", 1), 4, 8)),
            (Piece(Y, 0, 8),),
            in_place=frozenset({X, ("x", 1)}),
        ),
        result(Y, 0, 8),
    ],
    "a view leaves its source readable": [
        GIVEN,
        Event("view", (Piece(X, 0, 8),), (Piece(Y, 0, 4), Piece(("y", 1), 4, 8)), view=True),
        result(X, 0, 8),
        result(("y", 1), 4, 8),
    ],
    "scratch": [
        GIVEN,
        Event("op", (Piece(X, 0, 8),), (Piece(Y, 8, 12),), (12, 16)),
        result(Y, 8, 12),
    ],
}

BAD = {
    "moved over live bytes": [
        GIVEN,
        Event("a", (), (Piece(Y, 8, 16),)),
        Event("b", (), (), moved=(0, 8, 4)),
        result(Y, 8, 16),
    ],
    "moved away": [GIVEN, Event("op", (Piece(X, 0, 8),), (), moved=(0, 8, 4))],
    "moved out of the arena": [GIVEN, Event("op", (), (), moved=(0, 8, 12))],
    "live bytes overwritten": [GIVEN, Event("op", (), (Piece(Y, 4, 12),)), result(X, 0, 8)],
    "never written": [GIVEN, result(Y, 0, 8)],
    "another tensor's bytes": [GIVEN, Event("op", (), (Piece(Y, 8, 16),)), result(X, 8, 16)],
    "another row's bytes": [
        Event("input", (), (Piece(X, 0, 4), Piece(("x", 1), 4, 8))),
        result(("x", 1), 0, 4),
    ],
    "partly the right bytes": [GIVEN, result(X, 0, 9)],
    "write beyond the arena": [Event("op", (), (Piece(Y, 12, 20),))],
    "read beyond the arena": [GIVEN, result(X, 12, 20)],
    "below the arena": [Event("op", (), (Piece(Y, -4, 4),))],
    "scratch beyond the arena": [GIVEN, Event("op", (Piece(X, 0, 8),), (Piece(Y, 8, 12),), (12, 20))],
    "scratch over the input": [GIVEN, Event("op", (Piece(X, 0, 8),), (Piece(Y, 8, 12),), (4, 8))],
    "scratch over the output": [GIVEN, Event("op", (Piece(X, 0, 8),), (Piece(Y, 8, 12),), (10, 16))],
    "scratch over what is read later": [
        GIVEN,
        Event("op", (), (Piece(Y, 8, 12),), (0, 4)),
        result(X, 0, 8),
    ],
    "output over the input": [GIVEN, Event("op", (Piece(X, 0, 8),), (Piece(Y, 0, 8),))],
    "in place but shifted": [
        GIVEN,
        Event("op", (Piece(X, 0, 8),), (Piece(Y, 4, 12),), in_place=frozenset({X})),
    ],
    "in place over a part": [
        GIVEN,
        Event("op", (Piece(X, 0, 8),), (Piece(Y, 0, 4),), in_place=frozenset({X})),
    ],
    "source of an in-place op read again": [
        GIVEN,
        Event("op", (Piece(X, 0, 8),), (Piece(Y, 0, 8),), in_place=frozenset({X})),
        result(X, 0, 8),
    ],
    "two outputs in one place": [GIVEN, Event("op", (), (Piece(Y, 8, 12), Piece(Z, 10, 14)))],
    "a view elsewhere": [GIVEN, Event("view", (Piece(X, 0, 8),), (Piece(Y, 8, 16),), view=True)],
    "a smaller view": [GIVEN, Event("view", (Piece(X, 0, 8),), (Piece(Y, 0, 4),), view=True)],
    "a view of what was overwritten": [
        GIVEN,
        Event("view", (Piece(X, 0, 8),), (Piece(Y, 0, 8),), view=True),
        Event("op", (Piece(X, 0, 8),), (Piece(Z, 0, 8),), in_place=frozenset({X})),
        result(Y, 0, 8),
    ],
    "an older version of the same piece": [
        GIVEN,
        Event("again", (), (Piece(X, 8, 16),)),
        result(X, 0, 8),
    ],
}


@pytest.mark.parametrize("name", GOOD)
def test_right_plans_pass(name: str) -> None:
    check(GOOD[name], 16)


@pytest.mark.parametrize("name", BAD)
def test_wrong_plans_do_not(name: str) -> None:
    with pytest.raises(InternalError, match="memory plan"):
        check(BAD[name], 16)
