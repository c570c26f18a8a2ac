"""Ternary weights, five to a byte: runtime/include/tinyc/ternary.h."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinyc.kernels.base import Constant, Ref
from tinyc.kernels.packing.words import Int64
from tinyc.kernels.variant import Refusal
from tinyc.numerics.ternary import ternary_magnitudes

#: Bytes that RAM may grow by in place of int8 weights, stack included: scratch is planned for that.
GROWTH = 2560
#: Of a code: the weights in a byte.
FIVE = 5
#: Bits of flash per weight, above which what makes no whole code is packed by itself.
MOST_BITS = 1.65
#: Weights below which a layer's may take more.
FEW = 100
#: Bytes of a fraction, each of which has the bits of five weights, at most.
FRACTION = 3


@dataclass(frozen=True, eq=False)
class Trits:
    """The weights of a layer as -1, 0 and 1 times a number per output channel."""

    #: [channels], 1 or more.
    magnitudes: Int64
    #: [channels, codes]
    codes: npt.NDArray[np.uint8]
    #: Taps of a channel that are in no code, and those of all channels.
    rest: int
    rests: npt.NDArray[np.uint8]

    @property
    def magnitude(self) -> int:
        """Return the magnitude of all channels, 0 where they differ."""
        return common(self.magnitudes)


def common(magnitudes: Int64) -> int:
    """Return the magnitude of all channels, 0 where they differ."""
    return int(magnitudes[0]) if (magnitudes == magnitudes[0]).all() else 0


def magnitude_array(magnitudes: Int64, multiple: int = 1) -> tuple[tuple[Constant, ...], Ref | None]:
    """Return the magnitudes as a kernel takes them where they differ: the constant and its name; nothing and NULL else.

    multiple: of how many bytes the constant has.
    """
    if common(magnitudes):
        return (), None
    padded = np.pad(magnitudes, (0, -len(magnitudes) % multiple)).astype(np.uint8)
    return (Constant("magnitudes", "uint8_t", padded),), Ref("magnitudes")


def ternary(weights: Int64) -> Int64 | Refusal:
    """Return [channels] magnitudes. weights: [channels, depth] integers."""
    magnitudes = ternary_magnitudes(weights)
    if magnitudes is None:
        return Refusal("weights are not ternary")
    if weights.shape[1] < FIVE:
        # one magnitude a channel is no finding then
        return Refusal(f"{weights.shape[1]} weights in a channel, less than a code has")
    return magnitudes


def trits(weights: Int64, *, firsts: bool = False) -> Trits | Refusal:
    """weights: [channels, depth] integers; firsts: whether it is the first taps of a channel that are in no code."""
    magnitudes = ternary(weights)
    if isinstance(magnitudes, Refusal):
        return magnitudes
    depth = weights.shape[1]
    digits = np.sign(weights) % 3
    whole = -(-depth // FIVE)
    rest = depth % FIVE if whole > 1 and 8 * whole > MOST_BITS * depth else 0
    at = rest if firsts else depth - rest
    in_codes, others = (digits[:, at:], digits[:, :at]) if firsts else (digits[:, :at], digits[:, at:])
    padded = np.pad(in_codes, ((0, 0), (0, -in_codes.shape[1] % FIVE)))
    return Trits(magnitudes, _packed(padded), rest, _rests(others))


def _rests(digits: Int64) -> npt.NDArray[np.uint8]:
    """digits: [channels, taps]; returns the fractions of runtime/include/tinyc/scalar/rests.h."""
    taps = digits.shape[1]
    found = b""
    for part in (digits[:, :2], digits[:, 2:]) if taps > FRACTION else (digits,):
        size = part.shape[1]
        numbers = part @ 3 ** np.arange(size)
        for first in range(0, len(numbers) if size else 0, FIVE):
            some = numbers[first : first + FIVE]
            found += _fraction(some, 3**size, -(-len(some) * size // FIVE))
    return np.frombuffer(found, np.uint8)


def _packed(digits: Int64) -> npt.NDArray[np.uint8]:
    """Return digits of 0 to 2, fives of them along the last axis, as bytes."""
    fives = digits.reshape(*digits.shape[:-1], digits.shape[-1] // FIVE, FIVE)
    return np.asarray((fives * 3 ** np.arange(FIVE)).sum(axis=-1), np.uint8)


def codes_of_fives(signs: Int64) -> npt.NDArray[np.uint8]:
    """Return [outputs, codes] of [outputs, inputs]; the last code is one of the last five inputs."""
    inputs = signs.shape[1]
    # the first of these have codes already
    return _packed(np.insert(signs, [inputs // FIVE * FIVE] * (-inputs % FIVE), 0, axis=1) % 3)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Ternary weights in pairs, five of them to a halfword: runtime/include/tinyc/scalar/masks.h."""

    halfwords: npt.NDArray[np.uint16]
    #: The trits that make no whole halfword, five to a byte.
    rests: npt.NDArray[np.uint8]

    @property
    def bytes(self) -> int:
        return self.halfwords.nbytes + self.rests.nbytes


def trit_pairs(fours: Int64, others: Int64) -> Pairs:
    """fours: [taps, 4] of -1, 0 and 1, fives of taps; others: such that are in no halfword."""
    pairs = (fours % 3).reshape(-1, FIVE, 2, 2) @ (1, 3)
    numbers = pairs.transpose(0, 2, 1) @ 9 ** np.arange(FIVE)[::-1]
    # the least fraction whose digits these are
    halfwords = -(-(numbers << 16) // 9**FIVE)
    return Pairs(halfwords.astype(np.uint16), _packed(np.pad(others % 3, (0, -len(others) % FIVE))))


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of kernels as codes, in fractions of 24 bits: runtime/include/tinyc/scalar/eights.h."""

    data: npt.NDArray[np.uint8]
    #: Rows of a fraction, and those of the first one, 0 where that is like the others, with its bytes.
    rows: int
    first_rows: int
    first_bytes: int


def kernel_rows(signs: Int64, code: int) -> Rows | Refusal:
    """signs: [rows, weights] of -1, 0 and 1; code: weights of a code, the last of a row has those that are left."""
    count, taps = signs.shape
    numbers = np.zeros(count, np.int64)
    for first in range(0, taps, code):
        some = signs[:, first : first + code] % 3
        numbers = numbers * 3 ** some.shape[1] + some @ 3 ** np.arange(some.shape[1])
    rows = FRACTION * FIVE // taps
    first_rows = count % rows
    first_bytes = -(-(3 ** (taps * first_rows) - 1).bit_length() // 8)
    fractions = [_fraction(numbers[:first_rows], 3**taps, first_bytes)]
    fractions += [_fraction(some, 3**taps, FRACTION) for some in numbers[first_rows:].reshape(-1, rows)]
    data = np.frombuffer(b"".join(fractions), np.uint8)
    if signs.size >= FEW and 8 * data.size > MOST_BITS * signs.size:
        return Refusal(f"rows of {taps} columns take more than {MOST_BITS} bits per weight")
    return Rows(data, rows, first_rows, first_bytes)


def _fraction(numbers: Int64, radix: int, size: int) -> bytes:
    """Return the least fraction of so many bytes, the highest first, whose digits these are."""
    value, whole = 0, 1
    for number in numbers:
        value, whole = value * radix + int(number), whole * radix
    return (-(-(value << 8 * size) // whole)).to_bytes(size, "big")


def trit_words(fours: Int64) -> tuple[npt.NDArray[np.uint8], int]:
    """Return the digits of runtime/include/tinyc/dsp/unpack.h, and how many the first fraction has.

    fours: [words, 4] of -1, 0 and 1.
    """
    digits = (fours % 3) @ 3 ** np.arange(4)
    first = (len(digits) - 1) % FIVE + 1
    size = min(first, 4)
    start = _fractions(digits[:first], 8 * size)[:, 4 - size :]
    rest = _fractions(digits[first:], 32)
    found = np.concatenate((start.reshape(-1), rest.reshape(-1)))
    return np.pad(found, (0, max(0, 4 - len(found)))), first


def _fractions(digits: Int64, bits: int) -> npt.NDArray[np.uint8]:
    """Return [n, 4] bytes, the highest first, of the least fractions of so many bits whose digits these are."""
    count = min(len(digits), FIVE)
    places = 81 ** np.arange(max(count, 1), dtype=np.uint64)[::-1]
    numbers = digits.reshape(-1, max(count, 1)).astype(np.uint64) @ places
    whole = 81 * places[0]
    fractions = ((numbers << np.uint64(bits)) + whole - np.uint64(1)) // whole
    return np.asarray(fractions, ">u4").view(np.uint8).reshape(-1, 4)


def sum_codes(codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return codes of five weights as numbers of halfwords of a table of runtime/include/tinyc/scalar/sums.h."""
    rows = [(0,) * FIVE]
    for place in range(FIVE):
        one = np.eye(FIVE, dtype=int)[place]
        grown = [
            tuple(row + sign * one) for row in np.array(rows[1:], int).reshape(-1, FIVE) for sign in (1, -1)
        ]
        rows += [tuple(one), *grown]
    halves = np.array(rows)
    numbers = np.zeros(3**FIVE, np.uint8)
    for sign, place in ((1, 0), (-1, 1)):
        numbers[(sign * halves % 3) @ 3 ** np.arange(FIVE)] = 2 * np.arange(len(halves)) + place
    numbers[0] = 0
    return numbers[codes]


def balanced(signs: Int64) -> npt.NDArray[np.int8]:
    """Return -1, 0 and 1, fives of them along the last axis, as one byte each: d0 + 3 d1 + 9 d2 + 27 d3 + 81 d4."""
    return np.asarray(signs @ 3 ** np.arange(FIVE), np.int8)


def ring_codes(signs: Int64) -> npt.NDArray[np.uint8]:
    """Return -1, 0 and 1, fives of them along the last axis, as places in runtime/include/tinyc/scalar/digits.h."""
    ring = _ring()
    places = np.zeros(3**FIVE, np.uint8)
    for place in range(len(ring)):
        # a word has two of the ring
        five = ring[(2 * place + np.arange(FIVE)) % len(ring)]
        places[five @ 3 ** np.arange(FIVE)] = place
    return np.asarray(places[signs % 3 @ 3 ** np.arange(FIVE)])


def _ring() -> Int64:
    """Return the ring of digits of 0 to 2 in which every five occur once: the next is the greatest that is new."""
    ring = [0] * FIVE
    seen = {tuple(ring)}
    while len(seen) < 3**FIVE:
        digit = next(n for n in (2, 1, 0) if (*ring[1 - FIVE :], n) not in seen)
        ring.append(digit)
        seen.add(tuple(ring[-FIVE:]))
    return np.array(ring[: 3**FIVE])
