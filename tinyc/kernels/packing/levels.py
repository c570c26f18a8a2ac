"""Weights of few levels, in 4 or 2 bits each: runtime/include/tinyc/packed.h."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tinyc.errors import InternalError
from tinyc.ir import Graph
from tinyc.kernels.base import Call, Lowering, Struct
from tinyc.kernels.packing.dots import Channels
from tinyc.kernels.packing.trits import ternary
from tinyc.kernels.packing.words import Int64, word_constant
from tinyc.kernels.variant import Lower, OpT, Refusal

#: Bits that a weight may take.
WIDTHS = (2, 4)
#: Bytes of scratch within which several blocks are unpacked together, and the most that a single one takes.
ROOM, MOST = 2048, 4096
#: Bytes of scratch beyond those of the blocks.
_MORE = 16
_WORD = 0xFFFFFFFF


@dataclass(frozen=True)
class Levels:
    """The weights of a layer as numbers of `bits` bits: (number + low) * step."""

    bits: int
    #: The least multiple of the step, 0 or less: padding of 0 is a level.
    low: int
    step: int

    def lanes(self, of: int) -> tuple[int, int]:
        """Return `add` and `flip` of the header's formula. of: bits of a lane, 8 of one weight or 16 of two."""
        half, one = 1 << (of - 1), (1 if of == 8 else 257)
        every = sum(1 << at for at in range(0, 32, of))
        return every * (half + one * self.low * self.step), every * half

    def bits_of(self, weights: Int64, parts: tuple[Blocks, ...]) -> float:
        """Return the bits for each of the weights, rounded up to words in each block."""
        return 32 * sum(part.count * part.packed_body(self.bits) for part in parts) / weights.size

    def struct(self, lane: int, together: int) -> Struct:
        """Return the kernel's operand. together: blocks that are unpacked together."""
        add, flip = self.lanes(lane)
        numbers = {"bits": self.bits, "together": together, "step": self.step, "add": add, "flip": flip}
        return Struct("tc_levels", tuple(numbers.items()))


def levels(weights: Int64) -> Levels | Refusal:
    """weights: integers, those of a layer."""
    step = max(int(np.gcd.reduce(weights, axis=None)), 1)
    low, high = min(int(weights.min(initial=0)), 0) // step, max(int(weights.max(initial=0)), 0) // step
    for bits in WIDTHS:
        if high - low < 1 << bits:
            return Levels(bits, low, step)
    return Refusal(f"weights have more than {1 << WIDTHS[-1]} levels at equal distances")


@dataclass(frozen=True)
class Blocks:
    """Some blocks of a stream of weights, one after the other, in words."""

    count: int
    #: Words before the weights, of the weights, and behind them.
    head: int
    body: int
    tail: int

    @property
    def words(self) -> int:
        return self.head + self.body + self.tail

    def packed_body(self, bits: int) -> int:
        return -(-self.body * bits // 8)


def pack(stream: Int64, parts: tuple[Blocks, ...], found: Levels, lane: int) -> Int64:
    """Return the words of a stream with its weights packed. lane: bits, 8 or 16."""
    packed, at = [], 0
    for part in (part for part in parts if part.count):
        size = part.count * part.words
        blocks = stream[at : at + size].reshape(part.count, part.words)
        at += size
        weights = slice(part.head, part.head + part.body)
        body = _packed_words(blocks[:, weights], found, lane)
        packed.append(np.concatenate((blocks[:, : part.head], body, blocks[:, weights.stop :]), axis=1))
    if at != stream.size:
        raise InternalError(f"a stream of {stream.size} words is taken for one of {at}")
    return np.concatenate([part.reshape(-1) for part in packed])


def _packed_words(words: Int64, found: Levels, lane: int) -> Int64:
    """Return the words packed. words: [blocks, body]."""
    add, flip = found.lanes(lane)
    digits = (((words & _WORD) ^ flip) - add).astype(np.uint32).view(np.uint8) // found.step
    each = 8 // found.bits
    of_words = np.ascontiguousarray(digits.astype(np.uint8)).view("<u4").astype(np.int64).reshape(words.shape)
    padded = np.pad(of_words, ((0, 0), (0, -words.shape[1] % each))).reshape(len(words), -1, each)
    packed: Int64 = (padded << found.bits * np.arange(each)).sum(axis=2)
    if not np.array_equal(unpack(packed, found, lane)[:, : words.shape[1]], words & _WORD):
        raise InternalError("packed weights are not those that were packed")
    return packed


def unpack(packed: Int64, found: Levels, lane: int) -> Int64:
    """Return the words that the kernel makes of packed ones, which are [blocks, words]."""
    add, flip = found.lanes(lane)
    mask = ((1 << found.bits) - 1) * 0x01010101
    words = (packed[:, :, None] >> found.bits * np.arange(8 // found.bits)) & mask
    return np.asarray((((words * found.step) + add) & _WORD) ^ flip, np.int64).reshape(len(packed), -1)


def _worthwhile(weights: Int64, parts: tuple[Blocks, ...]) -> Levels | Refusal:
    """Return the levels of weights that are better packed, and by no ternary kernel."""
    if not isinstance(ternary(weights), Refusal):
        return Refusal("weights are ternary")
    few = levels(weights)
    if isinstance(few, Refusal):
        return few
    if few.bits_of(weights, parts) >= 8:
        return Refusal("rounded up to words, packed weights take as much as int8 weights")
    block = 4 * parts[0].words
    return (
        Refusal(f"a block of unpacked weights takes {block} bytes, more than {MOST}") if block > MOST else few
    )


def unpacking(
    lower: Lower[OpT],
    products: Callable[[OpT, Graph], tuple[Channels, object] | Refusal],
    blocks: Callable[[int, int], tuple[Blocks, ...]],
    lane: int,
    room: int = ROOM,
    more: Callable[[Call, int], int] = lambda call, together: 0,
) -> Lower[OpT]:
    """Return a lowering by the kernel that unpacks the stream of the one for int8 weights and does what this does.

    lower: by the kernel for int8 weights, in one call, with its stream as the constant "weights"; products: the op as
    dot products, of which only the weights count; blocks: of the stream, by channels and depth; lane: bits, 8 or 16;
    room: bytes of scratch for several blocks; more: bytes of scratch beside those of the weights and of a call for
    int8 weights, by that and the blocks together.
    """

    def lowered(op: OpT, graph: Graph) -> Lowering | Refusal:
        found = products(op, graph)
        if isinstance(found, Refusal):
            return found
        weights = found[0].weights
        parts = blocks(*weights.shape)
        few = _worthwhile(weights, parts)
        if isinstance(few, Refusal):
            return few
        made = lower(op, graph)
        if isinstance(made, Refusal):
            return made
        block = 4 * parts[0].words
        together = min(max(room // block, 1), max(parts[0].count, 1))
        (stream,) = (c for c in made.constants if c.name == "weights")
        words = word_constant("weights", pack(stream.data.astype(np.int64), parts, few, lane))
        struct = few.struct(lane, together)

        def unpacked(call: Call) -> Call:
            scratch = together * block + _MORE + call.scratch + more(call, together)
            symbol = re.sub("(_once)?_s8_", r"_packed\g<0>", call.symbol)
            return replace(
                call, symbol=symbol, folder="packed", structs=(*call.structs, struct), scratch=scratch
            )

        def each(low: Lowering) -> Lowering:
            (call,) = low.calls
            return replace(
                low,
                calls=(unpacked(call),),
                constants=tuple(words if c.name == "weights" else c for c in made.constants),
                narrower=tuple(map(each, low.narrower)),
                weight_bits=few.bits_of(weights, parts),
            )

        return each(made)

    return lowered
