"""A plan executed on an arena of bytes by numpy: what the generated C does, written a second time.

Every firing reads its rows from the arena and nothing else: rows and columns that it did not ask for are noise in the
array that the op's numpy reference gets. Scratch is filled with noise before and after, the output's place before,
so that whatever the plan lays over live bytes shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np

from tinyc.ir import DTYPES, Array, Graph, Region, TensorType
from tinyc.numerics.activation import clamp
from tinyc.numerics.fixed_point import divide_half_away, multiply_by_quantized_multiplier
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.max_pool2d import MaxPool2D
from tinyc.ops.mean import Mean
from tinyc.ops.reduce_max import ReduceMax
from tinyc.schedule import Plan, Stage
from tinyc.schedule.tasks import Task

#: Results of firings, by all that they depend on. Plans of one graph share them.
Memo = dict[tuple[object, ...], Array]


class Executor:
    """One inference after the other of one plan."""

    def __init__(self, plan: Plan, memo: Memo) -> None:
        self._plan = plan
        self._graph: Graph = plan.graph
        self._memo = memo
        self._noise = np.random.default_rng(plan.arena).integers(0, 256, plan.arena + 64).astype(np.uint8)
        self._arena = self._noise[: plan.arena].copy()
        #: Of each buffer that slides, by its task, the first step that it holds.
        self._origin: dict[int, int] = {}

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """The graph's outputs by tensor."""
        graph, plan = self._graph, self._plan
        self._origin.clear()
        for number, port in enumerate(graph.inputs):
            if number or not plan.rows_in:
                self._put(port.tensor, (0, self._height(port.tensor)), inputs[port.tensor])
        for stage in plan.stages:
            for k, firing, strip in self._order(stage):
                task = plan.tasks[k]
                if task.is_view:
                    continue
                self._slide(k, firing)
                if task.op < 0:
                    assert firing is not None
                    self._put(task.outputs[0], task.writes[firing][0], inputs[task.outputs[0]])
                elif task.state:
                    assert firing is not None
                    self._reduce(k, firing)
                else:
                    self._fire(k, firing, strip)
        return {p.tensor: self._get(p.tensor, (0, self._height(p.tensor)), 0) for p in graph.outputs}

    def _order(self, stage: Stage) -> Iterator[tuple[int, int | None, int]]:
        """(task, row or None for all at once, strip), as the generated C has it: a task's n-th turn is its row n."""
        if stage.kind == "layer" and not stage.by_row:
            yield from [(stage.tasks[0], None, 0)] if stage.order else []
            return
        turns: Counter[tuple[int, int]] = Counter()
        for k, _, strip in stage.order:
            yield k, turns[k, strip], strip
            turns[k, strip] += 1

    def _slide(self, k: int, firing: int | None) -> None:
        """Make room in the buffer that task k fills, if it slides: what lies before the new steps moves down."""
        for name in self._plan.tasks[k].outputs:
            buffer = self._plan.buffers[name]
            if firing is None or buffer.slide is None or buffer.slide.task != k:
                continue
            begin, end = self._plan.tasks[k].writes[firing][0]
            old, new = self._origin.get(k, 0), max(0, end - buffer.ring)
            kept = [
                self._arena[buffer.offset + (y - old) * buffer.pitch :][: buffer.pitch].copy()
                for y in range(new, begin)
            ]
            for slot, row in enumerate(kept if new > old else ()):
                self._arena[buffer.offset + slot * buffer.pitch :][: buffer.pitch] = row
            self._origin[k] = new

    def _fire(self, k: int, row: int | None, strip: int) -> None:
        task, plan = self._plan.tasks[k], self._plan
        op = self._graph.ops[task.op]
        (output,) = task.outputs
        out = self._graph.type(output)
        rows, columns = (0, out.hwc[0]), (0, out.hwc[1])
        if row is not None and task.by_row:
            region = self._steps(output, task.writes[row][0])
            rows, columns = (region.row0, region.row1), (region.col0, region.col1)
        columns = plan.columns[output][strip] if output in plan.columns else columns
        at = plan.buffers[output]
        self._spoil_scratch(task)
        if not any(plan.buffers[n] == at for n in task.in_place):
            for place in self._places(output, rows, columns, strip):
                self._arena[place] = self._noise[: place.stop - place.start]
        values: list[Array | None] = []
        key: list[object] = [task.op, rows, columns]
        for index, name in enumerate(op.inputs):
            value = self._graph.tensors[name].data if name else None
            if name and value is None:
                kind = self._graph.type(name)
                region = Region(0, kind.hwc[0], 0, kind.hwc[1])
                if row is not None and task.by_row:
                    region = op.input_region(index, Region(*rows, *columns), self._graph.types(op), out)
                value = self._part(name, region, strip)
                key += [region, value.tobytes()]
            values.append(value)
        full = self._memo.get(tuple(key))
        if full is None:
            full = op.compute(op.named(values), self._graph.types(op), [out], self._graph.reference)[0]
            self._memo[tuple(key)] = full = self._image(full, out)[slice(*rows), slice(*columns)].copy()
        places = self._places(output, rows, columns, strip)
        raw = np.ascontiguousarray(full).view(np.uint8).reshape(len(places), -1)
        for place, line in zip(places, raw, strict=True):
            self._arena[place] = line
        self._spoil_scratch(task)

    def _reduce_max(self, k: int, row: int) -> None:
        """Maxima over rows and columns, kept in the arena; the last row writes them."""
        task = self._plan.tasks[k]
        x, out = self._graph.type(task.inputs[0]), self._graph.type(task.outputs[0])
        at = self._plan.state[task.op]
        state = self._arena[at : at + task.state].view(np.int8)
        most = self._get(task.inputs[0], task.reads[row][0], 0).reshape(-1, x.hwc[2]).max(axis=0)
        state[:] = np.maximum(state, most) if row else most
        if row == task.firings - 1:
            self._put(task.outputs[0], (0, out.hwc[0]), state.reshape(out.shape).copy())

    def _reduce(self, k: int, row: int) -> None:
        """Sums over rows and columns, kept in the arena; the last row writes the mean."""
        task = self._plan.tasks[k]
        op = self._graph.ops[task.op]
        if isinstance(op, ReduceMax | MaxPool2D):
            self._reduce_max(k, row)
            return
        x, out = self._graph.type(task.inputs[0]), self._graph.type(task.outputs[0])
        at = self._plan.state[task.op]
        state = self._arena[at : at + task.state].view(np.int32)
        if row == 0:
            state[:] = 0
        taken = self._get(task.inputs[0], task.reads[row][0], 0)
        state += taken.astype(np.int32).reshape(-1, x.hwc[2]).sum(axis=0)
        if row < task.firings - 1:
            return
        total, count = state.astype(np.int64), x.hwc[0] * x.hwc[1]
        if isinstance(op, AveragePool2D):
            value = np.clip(divide_half_away(total, count), *clamp(op.activation, out))
        else:
            assert isinstance(op, Mean)
            p = op.params(self._graph.types(op), out)
            scaled = multiply_by_quantized_multiplier(total + p.bias, p.multiplier, p.shift)
            value = np.clip(scaled + out.q.zero_point, -128, 127)
        self._put(task.outputs[0], (0, out.hwc[0]), value.astype(np.int8).reshape(out.shape))

    def _spoil_scratch(self, task: Task) -> None:
        if task.scratch:
            at = self._plan.scratch[task.op]
            self._arena[at : at + task.scratch] = self._noise[: task.scratch]

    def _height(self, tensor: str) -> int:
        return self._plan.rows[tensor].count

    def _steps(self, tensor: str, rows: tuple[int, int]) -> Region:
        """The part of a tensor that rows of the schedule are: of an image of one row, its columns."""
        _, width, _ = self._graph.type(tensor).hwc
        return Region(0, 1, *rows) if self._plan.rows[tensor].axis == 2 else Region(*rows, 0, width)

    @staticmethod
    def _image(value: Array, kind: TensorType) -> Array:
        """[H, W, C] of a tensor."""
        return np.asarray(value).reshape(kind.hwc)

    def _places(
        self, tensor: str, rows: tuple[int, int], columns: tuple[int, int], strip: int
    ) -> list[slice]:
        """Bytes of the arena that hold these columns, row by row."""
        kind, buffer = self._graph.type(tensor), self._plan.buffers[tensor]
        if self._plan.rows[tensor].side_by_side:
            steps = columns if self._plan.rows[tensor].axis == 2 else rows
            first = self._origin.get(buffer.slide.task, 0) if buffer.slide else 0
            assert first <= steps[0] <= steps[1] <= first + buffer.ring, (
                f"{tensor}: steps {steps} from {first}"
            )
            starts = [buffer.offset + (y - first) * buffer.pitch for y in range(*steps)]
            return [slice(start, start + buffer.pitch) for start in starts]
        pixel = kind.row_bytes // kind.hwc[1]
        low, high = buffer.columns[strip] if buffer.columns else (0, kind.hwc[1])
        assert low <= columns[0] <= columns[1] <= high, f"{tensor}: columns {columns} of [{low}, {high})"
        found = []
        for y in range(*rows):
            start = buffer.offset + y % buffer.ring * buffer.pitch + (columns[0] - low) * pixel
            found.append(slice(start, start + (columns[1] - columns[0]) * pixel))
        return found

    def _part(self, tensor: str, region: Region, strip: int) -> Array:
        """The tensor with a region of it from the arena, and noise everywhere else."""
        kind = self._graph.type(tensor)
        dtype = DTYPES[kind.dtype]
        value = np.resize(self._noise[:61], kind.bytes).view(dtype).reshape(kind.hwc).copy()
        if dtype == np.float32:
            value[:] = 1.5
        columns = (region.col0, region.col1)
        places = self._places(tensor, (region.row0, region.row1), columns, strip)
        lines = [self._arena[place].view(dtype) for place in places]
        if lines:
            part = np.concatenate(lines).reshape(region.row1 - region.row0, -1, kind.hwc[2])
            value[region.row0 : region.row1, slice(*columns)] = part
        return value.reshape(kind.shape)

    def _get(self, tensor: str, rows: tuple[int, int], strip: int) -> Array:
        """Rows of the schedule: [rows, columns of each, channels]; all of them in the tensor's shape."""
        kind = self._graph.type(tensor)
        region = self._steps(tensor, rows)
        places = self._places(tensor, (region.row0, region.row1), (region.col0, region.col1), strip)
        value = np.concatenate([self._arena[p] for p in places]).view(DTYPES[kind.dtype])
        whole = rows == (0, self._height(tensor))
        return value.reshape(kind.shape if whole else (rows[1] - rows[0], -1, kind.hwc[2]))

    def _put(self, tensor: str, rows: tuple[int, int], value: Array) -> None:
        kind = self._graph.type(tensor)
        region = self._steps(tensor, rows)
        part = self._image(value, kind)[region.row0 : region.row1, region.col0 : region.col1]
        places = self._places(tensor, (region.row0, region.row1), (region.col0, region.col1), 0)
        raw = np.ascontiguousarray(part).view(np.uint8).reshape(len(places), -1)
        for row, place in zip(raw, places, strict=True):
            self._arena[place] = row
