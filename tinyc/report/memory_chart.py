"""A memory map as a picture: coordinates and labels of what the page draws.

x runs over the steps in units of 1 / WIDTH of the chart, evenly within a stage; short stages are widened so that they
can be seen. y is in bytes, from the top of the arena down.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from tinyc.report.memory import Kept, MemoryMap, Rows, Span, Step, Tenant
from tinyc.report.text import clean, count, plural, shape, short_name

WIDTH = 20_000
COLOURS = 8
#: Steps that are drawn at most, so that the page stays small.
MOST = 4000
#: Pixels that the map is expected to have on a screen; decides only which labels have room.
_SCREEN = (1160, 440)
_LETTER = 6.4
_LINE = 15
#: Parts of the width that the short stages get: each at least so much, all together at most so much.
_STAGE, _STAGES = 0.035, 0.5


@dataclass(frozen=True)
class Segment:
    """Steps [start, stop) of one stage at x in [left, right)."""

    stage: int
    start: int
    stop: int
    left: int
    right: int

    def x(self, step: int) -> int:
        return self.left + round((step - self.start) * (self.right - self.left) / (self.stop - self.start))


@dataclass(frozen=True)
class Band:
    """A stage above the map."""

    title: str
    detail: str
    #: what of the title has room, and what of the detail
    first: str
    second: str
    #: per cent of the chart, as is the width
    left: float
    width: float


@dataclass(frozen=True)
class Tick:
    """A mark on an axis."""

    #: per cent of the axis, from its left or its top
    at: float
    label: str


@dataclass(frozen=True)
class Shape:
    """What one tenant covers, as an SVG path."""

    #: its number
    tenant: int
    #: class of its colour
    style: str
    path: str


@dataclass(frozen=True)
class Label:
    """A tenant's name where it has room, at x and y in per cent."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class MemoryChart:
    """The memory map as the page draws it."""

    width: int
    arena: int
    #: one per stage
    bands: tuple[Band, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    #: shapes on the map, as are the spans
    kept: tuple[Shape, ...]
    spans: tuple[Shape, ...]
    labels: tuple[Label, ...]
    #: when each op runs
    lanes: tuple[Shape, ...]
    #: bytes with data over the steps, and bytes held, as areas with their highest at the top
    live: str
    held: str
    #: step
    peak: int
    peak_at: Tick
    peak_text: str
    #: what the page's script looks up
    data: dict[str, object]


def memory_chart(memory: MemoryMap, stages: Sequence[tuple[str, int, int]]) -> MemoryChart:
    """Return the picture of `memory`. stages: kind, number of layers and peak bytes of each."""
    memory = memory.thinned(MOST)
    segments = _segments(memory.steps)
    live, held = memory.live(), memory.held()
    stage = max((s.stage for s in segments), key=lambda i: stages[i][2])
    there = [i for i, step in enumerate(memory.steps) if step.stage == stage]
    peak = max(there, key=lambda i: held[i])
    styles = tenant_styles(memory)
    lanes = _lanes(memory)
    return MemoryChart(
        WIDTH,
        memory.arena,
        tuple(_band(s, *stages[s.stage]) for s in segments),
        tuple(_x_ticks(memory.steps, segments)),
        tuple(byte_ticks(memory.arena)),
        tuple(_shapes(memory, memory.kept, segments, styles)),
        tuple(_shapes(memory, memory.spans, segments, styles)),
        tuple(_labels(memory, segments)),
        tuple(_lane_shapes(memory, lanes, segments, styles)),
        _area(live, segments, memory.arena),
        _area(held, segments, memory.arena),
        peak,
        Tick(_per_cent((_x(segments, peak) + _x(segments, peak + 1)) / 2), count(memory.steps[peak].number)),
        f"peak {count(stages[stage][2])} at {_actor(memory, memory.steps[peak])}",
        _data(memory, segments, styles, lanes, live, held, peak),
    )


def tenant_styles(memory: MemoryMap) -> list[str]:
    """Return by tenant c0, c1 ... in turn in the order in which they are born; what has no rows of its own is grey."""
    styles, turn = [], 0
    for tenant in memory.tenants:
        if not tenant.is_tensor:
            styles.append(tenant.kind)
        elif tenant.kind == "input":
            styles.append("input")
        else:
            styles.append(f"c{turn % COLOURS}")
            turn += 1
    return styles


def op_name(memory: MemoryMap, op: int) -> str:
    """Return "#5 CONV_2D"."""
    return f"#{memory.ops[op].index} {clean(memory.ops[op].kind)}"


def _actor(memory: MemoryMap, step: Step) -> str:
    """Return who acts in a step."""
    if step.op is not None:
        return op_name(memory, step.op)
    if step.number == 0:
        return "the caller's inputs"
    return "the caller's reading" if step.number == memory.total - 1 else "the reading of a row"


def tenant_title(tenant: Tenant) -> str:
    """Return what a tenant is called."""
    return clean(short_name(tenant.name))


def tenant_holds(tenant: Tenant) -> str:
    """Return how much of its tensor a buffer holds: whole, or a ring of so many rows."""
    if not tenant.is_tensor:
        return "from row to row" if tenant.kind == "state" else "during calls"
    strips = f", {len(tenant.columns)} strips" if tenant.columns else ""
    if tenant.slots >= tenant.rows:
        return f"whole{strips}"
    return f"ring of {tenant.slots} of {plural(tenant.rows, 'row')}{strips}"


def byte_ticks(limit: int) -> list[Tick]:
    """Return round offsets from 0 to `limit`, in per cent from the top."""
    step = 1
    while limit / step > 9:
        step *= 2
    marks = [at for at in range(0, limit, step) if limit - at > step / 2]
    return [Tick(_per_cent(WIDTH * (1 - at / limit)), count(at)) for at in (*marks, limit)] if limit else []


def _segments(steps: Sequence[Step]) -> list[Segment]:
    """Return the stages side by side: as wide as they have steps, short ones wider."""
    lengths = [(stage, len(list(group))) for stage, group in groupby(step.stage for step in steps)]
    total = sum(length for _, length in lengths)
    least = min(_STAGE, _STAGES / len(lengths)) * total
    widths = [max(least, length) for _, length in lengths]
    found, at, x = [], 0, 0.0
    for (stage, length), width in zip(lengths, widths, strict=True):
        right = x + width * WIDTH / sum(widths)
        found.append(Segment(stage, at, at + length, round(x), round(right)))
        at, x = at + length, right
    return found


def _x(segments: Sequence[Segment], step: int) -> int:
    return next((s.x(step) for s in segments if step < s.stop), WIDTH)


def _per_cent(x: float) -> float:
    return round(x * 100 / WIDTH, 2)


def _band(segment: Segment, kind: str, layers: int, peak: int) -> Band:
    left, width = _per_cent(segment.left), _per_cent(segment.right - segment.left)
    title, detail = f"{segment.stage + 1} {kind}", f"{plural(layers, 'layer')}, peak {count(peak)}"
    number = str(segment.stage + 1)
    return Band(title, detail, title if width >= 7 else number, detail if width >= 13 else "", left, width)


def _x_ticks(steps: Sequence[Step], segments: Sequence[Segment]) -> Iterable[Tick]:
    """Return the first step of each stage and round ones in between, where there is room."""
    room = WIDTH // 24
    total = segments[-1].stop
    step = max(1, total // 12)
    while str(step).lstrip("125").strip("0"):
        step += 1
    edges = [s.left for s in segments]
    for segment in segments:
        yield Tick(_per_cent(segment.left), count(steps[segment.start].number))
        for at in range(-(-segment.start // step) * step, segment.stop, step):
            x = segment.x(at)
            if all(abs(x - edge) > room for edge in edges) and WIDTH - x > room:
                yield Tick(_per_cent(x), count(steps[at].number))


def _box(segments: Sequence[Segment], arena: int, piece: Span | Kept) -> str:
    left, right = _x(segments, piece.start), _x(segments, piece.stop)
    return f"M{left} {arena - piece.offset - piece.bytes}h{right - left}v{piece.bytes}H{left}z"


def _shapes(
    memory: MemoryMap, pieces: Sequence[Span] | Sequence[Kept], segments: Sequence[Segment], styles: list[str]
) -> Iterable[Shape]:
    paths: dict[int, list[str]] = {}
    for piece in pieces:
        paths.setdefault(piece.tenant, []).append(_box(segments, memory.arena, piece))
    for tenant, boxes in sorted(paths.items()):
        yield Shape(tenant, styles[tenant], "".join(boxes))


def _area(values: Sequence[int], segments: Sequence[Segment], top: int) -> str:
    """Return the values as steps above a base line."""
    path = f"M0 {top}"
    at = before = 0
    for step, value in enumerate(values):
        if value != before:
            x = _x(segments, step)
            path += f"h{x - at}v{before - value}"
            at, before = x, value
    return f"{path}H{WIDTH}V{top}z"


def _lanes(memory: MemoryMap) -> dict[int, int]:
    """Return ops from top to bottom, in the order of their first firing."""
    first = dict.fromkeys(step.op for step in memory.steps if step.op is not None)
    return {op: lane for lane, op in enumerate(first)}


def _lane_shapes(
    memory: MemoryMap, lanes: dict[int, int], segments: Sequence[Segment], styles: list[str]
) -> Iterable[Shape]:
    tenants = {t.op: i for i, t in enumerate(memory.tenants) if t.kind in ("tensor", "output")}
    paths = dict.fromkeys(lanes, "")
    for op, run in groupby(range(len(memory.steps)), key=lambda step: memory.steps[step].op):
        if op is not None:
            steps = list(run)
            left, right = _x(segments, steps[0]), _x(segments, steps[-1] + 1)
            paths[op] += f"M{left} {lanes[op] * 4 + 2}h{right - left}"
    for op, path in paths.items():
        tenant = tenants.get(op, -1)
        yield Shape(tenant, styles[tenant] if tenant >= 0 else "state", path)


def _labels(memory: MemoryMap, segments: Sequence[Segment]) -> Iterable[Label]:
    """Return names inside of what the tenants cover, where there is room and no other name."""
    taken: list[tuple[float, float, float, float]] = []
    across, down = _SCREEN[0] / WIDTH, _SCREEN[1] / max(memory.arena, 1)
    pieces_of: dict[int, list[Span | Kept]] = {}
    for ring in memory.kept:
        pieces_of.setdefault(ring.tenant, []).append(ring)
    kept = set(pieces_of)
    for span in memory.spans:
        if span.tenant not in kept:
            pieces_of.setdefault(span.tenant, []).append(span)
    for number, pieces in sorted(pieces_of.items()):
        boxes = [
            (
                _x(segments, p.start) * across,
                _x(segments, p.stop) * across,
                (memory.arena - p.offset - p.bytes) * down,
                (memory.arena - p.offset) * down,
            )
            for p in pieces
        ]
        text = tenant_title(memory.tenants[number])
        half = (len(text) + 1) * _LETTER / 2
        for x, y in _places(boxes):
            spot = (x - half, x + half, y - _LINE / 2, y + _LINE / 2)
            inside = sum(
                max(0, min(low, spot[3]) - max(high, spot[2]))
                for left, right, high, low in boxes
                if left <= spot[0] and spot[1] <= right
            )
            if inside >= _LINE - 1 and not any(_meet(spot, other) for other in taken):
                taken.append(spot)
                yield Label(round(x * 100 / _SCREEN[0], 2), round(y * 100 / _SCREEN[1], 2), text)
                break


def _places(boxes: Sequence[tuple[float, float, float, float]]) -> Iterable[tuple[float, float]]:
    """Return where to try a name: at the middle of the area, then at the middle of each height, from left to right."""
    area = sum((right - left) * (low - high) for left, right, high, low in boxes) or 1
    x = sum((right**2 - left**2) / 2 * (low - high) for left, right, high, low in boxes) / area
    y = sum((low**2 - high**2) / 2 * (right - left) for left, right, high, low in boxes) / area
    yield x, y
    first, last = min(b[0] for b in boxes), max(b[1] for b in boxes)
    for share in (0.3, 0.7, 0.15, 0.85):
        yield first + (last - first) * share, y


def _meet(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[1] and b[0] < a[1] and a[2] < b[3] and b[2] < a[3]


def _data(
    memory: MemoryMap,
    segments: Sequence[Segment],
    styles: list[str],
    lanes: dict[int, int],
    live: Sequence[int],
    held: Sequence[int],
    peak: int,
) -> dict[str, object]:
    """Return what the script needs; lists in place of objects, to stay small."""
    return {
        "arena": memory.arena,
        "peak": peak,
        "total": memory.total,
        "first": memory.steps[0].number,
        "every": memory.steps[1].number - memory.steps[0].number,
        "width": WIDTH,
        "segments": [[s.stage, s.start, s.stop, s.left, s.right] for s in segments],
        "tenants": [
            [
                tenant_title(t),
                _describe(memory, t),
                style,
                [list(c) for c in t.columns],
                t.rows if t.is_tensor else 0,
            ]
            for t, style in zip(memory.tenants, styles, strict=True)
        ],
        "spans": [_packed_span(s) for s in memory.spans if memory.tenants[s.tenant].kind != "scratch"],
        "kept": [[r.tenant, 0, 0, r.offset, r.bytes, r.start, r.stop] for r in memory.kept],
        "ops": [
            [op_name(memory, number), clean(short_name(op.name))] for number, op in enumerate(memory.ops)
        ],
        "lanes": list(lanes),
        "steps": [
            [
                _actor(memory, step) if step.op is None else step.op,
                _packed(step.reads),
                _packed(step.writes),
            ]
            for step in memory.steps
        ],
        "live": list(live),
        "held": list(held),
    }


def _describe(memory: MemoryMap, tenant: Tenant) -> str:
    """Return one line on a tenant's buffer."""
    made = "input of the model" if tenant.op is None else f"written by {op_name(memory, tenant.op)}"
    what = f"{shape(tenant.shape) or 'scalar'}, {made}, " if tenant.is_tensor else ""
    where = f"{plural(tenant.bytes, 'byte')} at {count(tenant.offset)}"
    return f"{what}{tenant_holds(tenant)}: {where}"


def _packed_span(span: Span) -> list[int]:
    values = [span.tenant, span.first, span.last, span.offset, span.bytes, span.start, span.stop]
    return [*values, span.strip] if span.strip else values


def _packed(rows: Iterable[Rows]) -> list[int]:
    return [value for r in rows for value in (r.tenant, r.first, r.last)]
