"""Offsets for blocks that live at overlapping times, as low as possible.

This is dynamic storage allocation with blocks that may grow and shrink (NP-hard; Garey and Johnson SR2). Greedy
placement in a few orders nearly always reaches the sum of live bytes, which proves it optimal; where it does not, a
branch and bound over placement orders goes on until it has proved its result or spent its nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tinyc.memory.blocks import Block, MemoryPlan, live_peak, separation

#: Placements tried by the branch and bound before it gives up proving.
NODE_LIMIT = 2_000

Separations = dict[tuple[int, int], int]


def plan(blocks: Sequence[Block], node_limit: int = NODE_LIMIT) -> MemoryPlan:
    """Place every block. Deterministic; optimal where the plan's `is_optimal` says so."""
    bound = live_peak(blocks)
    apart: Separations = {}
    for i, a in enumerate(blocks):
        for j, b in enumerate(blocks):
            if i != j and (need := separation(a, b)) is not None:
                apart[i, j] = need
    best = min((_greedy(blocks, apart, order) for order in _orders(blocks)), key=lambda o: _size(blocks, o))
    if _size(blocks, best) > bound:
        best = _branch_and_bound(blocks, apart, best, bound, node_limit)
    offsets = {block.name: best[i] for i, block in enumerate(blocks)}
    return MemoryPlan(offsets, _size(blocks, best), bound)


def _size(blocks: Sequence[Block], offsets: Sequence[int]) -> int:
    return max((offset + block.size for offset, block in zip(offsets, blocks, strict=True)), default=0)


def _start(block: Block) -> int:
    return min((s.start for s in block.spans), default=0)


def _life(block: Block) -> int:
    return max((s.stop for s in block.spans), default=0) - _start(block)


def _orders(blocks: Sequence[Block]) -> list[list[int]]:
    keys: tuple[Callable[[int], tuple[int, ...]], ...] = (
        lambda i: (-blocks[i].size, -_life(blocks[i]), _start(blocks[i])),
        lambda i: (-blocks[i].size * _life(blocks[i]), _start(blocks[i])),
        lambda i: (-_life(blocks[i]), -blocks[i].size),
        lambda i: (_start(blocks[i]), -blocks[i].size),
        lambda i: (-_start(blocks[i]), -blocks[i].size),
    )
    return [sorted(range(len(blocks)), key=key) for key in keys]


def _lowest(blocks: Sequence[Block], apart: Separations, placed: dict[int, int], i: int) -> int:
    """The lowest offset at which block i clears every placed block."""
    align = blocks[i].align
    gaps = []
    for j, offset in placed.items():
        if (j, i) in apart:
            gaps.append((offset - apart[i, j], offset + apart[j, i]))
    at = 0
    gaps.sort()
    moved = True
    while moved:
        moved = False
        for low, high in gaps:
            if low < at < high:
                at, moved = -(-high // align) * align, True
    return at


def _greedy(blocks: Sequence[Block], apart: Separations, order: Sequence[int]) -> list[int]:
    placed: dict[int, int] = {}
    for i in order:
        placed[i] = _lowest(blocks, apart, placed, i)
    return [placed[i] for i in range(len(blocks))]


def _branch_and_bound(
    blocks: Sequence[Block], apart: Separations, start: list[int], bound: int, node_limit: int
) -> list[int]:
    """Search placement orders depth first, each block at its lowest place; `start` is the incumbent."""
    best, best_size = start, _size(blocks, start)
    nodes = 0
    order = sorted(range(len(blocks)), key=lambda i: (-blocks[i].size, _start(blocks[i])))
    stack: list[dict[int, int]] = [{}]
    while stack and best_size > bound and nodes < node_limit:
        placed = stack.pop()
        nodes += 1
        rest = [i for i in order if i not in placed]
        if not rest:
            best = [placed[i] for i in range(len(blocks))]
            best_size = _size(blocks, best)
            continue
        children = []
        floor = max(placed.values(), default=0)
        for i in rest:
            at = _lowest(blocks, apart, placed, i)
            # Placement orders with rising offsets reach every tight placement, so no other needs a look.
            if at >= floor and at + blocks[i].size < best_size:
                children.append((at, {**placed, i: at}))
        stack.extend(child for _, child in sorted(children, key=lambda c: -c[0]))
    return best
