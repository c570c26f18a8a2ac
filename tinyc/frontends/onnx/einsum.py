"""Reader of Einsum of one or two operands: sums, views, and a product of matrices or of elements."""

from __future__ import annotations

from math import prod

from tinyc.frontends.onnx.compose import both, gathered, reshaped, turned
from tinyc.frontends.onnx.elementwise import reduced
from tinyc.frontends.onnx.values import Known, Lazy, Node
from tinyc.frontends.onnx.windowed import product
from tinyc.ops.mul import Mul
from tinyc.ops.sum import Sum

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def einsum(n: Node) -> list[Lazy | Known]:
    terms, out = _terms(n)
    every = [_without_diagonals(n, n.lazy(i), term) for i, term in enumerate(terms)]
    given, terms = [x for x, _ in every], [term for _, term in every]
    sizes: dict[str, int] = {}
    for i, term in enumerate(terms):
        for letter, size in zip(term, n.draft.shape(given[i]), strict=True):
            sizes[letter] = max(size, sizes.get(letter, 1))
            n.need(size in (1, sizes[letter]), f"'{letter}' is {size} and {sizes[letter]}")
    values = [
        _summed(n, given[i], term, out + "".join(terms[:i] + terms[i + 1 :])) for i, term in enumerate(terms)
    ]
    if len(values) == 1:
        ((x, have),) = values
        return [turned(n, x, tuple(have.index(letter) for letter in out))]
    (a, left), (b, right) = values
    if isinstance(a, Known):
        (a, left), (b, right) = values[::-1]
    return [_joined(n, (a, left), (b, right), out, sizes)]


def _terms(n: Node) -> tuple[list[str], str]:
    """Return the letters of each operand and of the output, with letters in the place of an ellipsis."""
    text = n.text("equation", "").replace(" ", "")
    left, arrow, out = text.partition("->")
    terms = left.split(",")
    n.need(len(terms) == len(n.inputs) <= 2, f"{text} of {len(n.inputs)} operands; one or two are supported")
    free = [letter for letter in _LETTERS if letter not in text]
    more = [n.rank(i) - len(term.replace("...", "")) for i, term in enumerate(terms)]
    wide = max((m for m, term in zip(more, terms, strict=True) if "..." in term), default=0)
    dots = "".join(free[:wide])
    terms = [
        t.replace("...", dots[wide - m :] if "..." in t else "") for t, m in zip(terms, more, strict=True)
    ]
    if not arrow:
        every = "".join(terms)
        out = "..." * ("..." in text) + "".join(
            sorted(c for c in set(every) - set(dots) if every.count(c) == 1)
        )
    out = out.replace("...", dots)
    for i, term in enumerate(terms):
        n.need(len(term) == n.rank(i), f"{text}: input {i} has {n.rank(i)} dimensions")
    n.need(
        set(out) <= set("".join(terms)) and len(set(out)) == len(out),
        f"{text}: its output is not of its inputs",
    )
    return terms, out


def _without_diagonals(n: Node, x: Lazy | Known, term: str) -> tuple[Lazy | Known, str]:
    """Return an operand with one dimension, the last, for a letter that it has twice."""
    double = next((c for c in term if term.count(c) > 1), None)
    if double is None:
        return x, term
    first, second = term.index(double), term.rindex(double)
    others = [i for i in range(len(term)) if i not in (first, second)]
    shape = n.draft.shape(x)
    size = shape[first]
    n.need(shape[second] == size, f"'{double}' is {size} and {shape[second]}")
    x = reshaped(n, turned(n, x, (*others, first, second)), (*(shape[i] for i in others), size * size))
    at = tuple(range(0, size * size, size + 1))
    x = Known(x.data[..., list(at)]) if isinstance(x, Known) else gathered(n, x, len(others), at)
    return _without_diagonals(n, x, "".join(term[i] for i in others) + double)


def _summed(n: Node, x: Lazy | Known, term: str, kept: str) -> tuple[Lazy | Known, str]:
    """Return an operand without the dimensions that nothing else has, and its letters."""
    gone = [i for i, letter in enumerate(term) if letter not in kept]
    if not gone:
        return x, term
    left = "".join(letter for letter in term if letter in kept)
    if isinstance(x, Known):
        return Known(x.data.sum(tuple(gone))), left
    return reduced(n, Sum, x, gone, keep=False), left


def _joined(
    n: Node, one: tuple[Lazy | Known, str], other: tuple[Lazy | Known, str], out: str, sizes: dict[str, int]
) -> Lazy | Known:
    """one is computed."""
    (a, left), (b, right) = one, other
    shared = [c for c in left if c in right and c not in out]
    every = [c for c in out if c in left and c in right]
    own, others = (
        [c for c in out if c in mine and c not in theirs] for mine, theirs in ((left, right), (right, left))
    )
    if not shared:
        sides = (_spread(n, a, left, out), _spread(n, b, right, out))
        return both(n, Mul, *sides)
    a = turned(n, a, tuple(left.index(c) for c in (*every, *own, *shared)))
    b = turned(n, b, tuple(right.index(c) for c in (*every, *shared, *others)))
    lead, inner = [sizes[c] for c in every], prod(sizes[c] for c in shared)
    rows = [sizes[c] for c in own]
    if every:
        rows = [prod(rows)]
    a = reshaped(n, a, (*lead, *rows, inner))
    b = reshaped(n, b, (*lead, inner, prod(sizes[c] for c in others)))
    if not rows:
        a = reshaped(n, a, (1, inner))
    made = product(n, a, b)
    order = (*every, *own, *others)
    view = reshaped(n, made, tuple(sizes[c] for c in order))
    return turned(n, view, tuple(order.index(c) for c in out))


def _spread(n: Node, x: Lazy | Known, term: str, out: str) -> Lazy | Known:
    """Return an operand with a dimension for each letter of the output."""
    have = "".join(c for c in out if c in term)
    x = turned(n, x, tuple(term.index(c) for c in have))
    sizes = dict(zip(have, n.draft.shape(x), strict=True))
    return reshaped(n, x, tuple(sizes.get(c, 1) for c in out))
