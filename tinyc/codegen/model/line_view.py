"""A block of steps of a line in C: which steps a call computes, where they lie, and what slides down before it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tinyc.ir import DTYPES
from tinyc.schedule import Plan
from tinyc.schedule.tasks import Task

#: Declares the function that moves the rows of a buffer that slides.
HEADER = "tinyc/slide.h"


@dataclass(frozen=True)
class Block:
    """What a C function is told that computes the y-th block of one task.

    params: further int32_t parameters, of each the task whose firings it counts; setup: statements before any other.
    """

    params: tuple[tuple[str, int], ...]
    setup: tuple[str, ...]


@dataclass(frozen=True)
class Steps:
    """C expressions of one task that goes by the steps of lines: `begin` and `end` are those of its y-th block."""

    plan: Plan
    #: Number of the task.
    task: int

    def at(self, tensor: str, where: str, step: str = "begin") -> str:
        """The address of a step. where: that of the tensor's first element."""
        kind, buffer = self.plan.graph.type(tensor), self.plan.buffers[tensor]
        pitch = self.plan.rows[tensor].row_bytes // DTYPES[kind.dtype].itemsize
        slot = step if buffer.slide is None else f"({step} - {self.origin(tensor)})"
        return f"{where} + {slot}" + ("" if pitch == 1 else f" * {pitch}")

    def origin(self, tensor: str) -> str:
        """The first step that a tensor's buffer holds."""
        slide = self.plan.buffers[tensor].slide
        if slide is None:
            return "0"
        return f"origin_{self._names().index(tensor)}"

    def count(self, each: int) -> str:
        """So many for each step of the block."""
        return "end - begin" if each == 1 else f"(end - begin) * {each}"

    def block(self, text: Iterable[str], symbols: dict[str, str]) -> Block:
        """What the function needs whose statements are `text`. symbols: of tensors, enumerators of their offsets."""
        task = self.plan.tasks[self.task]
        steps = self.plan.rows[self._counted()].count
        setup = list(_bounds(task, steps))
        params: dict[str, int] = {}
        for name in self._names():
            buffer = self.plan.buffers[name]
            slide = buffer.slide
            if slide is None:
                continue
            if slide.task == self.task:
                pitch = self.plan.rows[name].row_bytes
                found = f"tc_slide(AT(void, {symbols[name]}), begin, end, {buffer.ring}, {pitch})"
            else:
                fired = f"fired_{slide.task}"
                params[fired] = slide.task
                made = f"{fired} * {slide.block}" + (f" - {slide.shift}" if slide.shift else "")
                found = f"tc_slid({made}, {slide.rows}, {buffer.ring})"
            setup.append(f"const int32_t {self.origin(name)} = {found};")
        return Block(tuple(params.items()), tuple(_used(setup, list(text))))

    def _counted(self) -> str:
        """The tensor whose steps the blocks are: the output, or the input where it is taken row by row."""
        task = self.plan.tasks[self.task]
        return task.inputs[0] if task.state else task.outputs[0]

    def _names(self) -> tuple[str, ...]:
        task = self.plan.tasks[self.task]
        return tuple(dict.fromkeys((*task.inputs, *task.outputs)))


def _bounds(task: Task, steps: int) -> tuple[str, str]:
    """Declarations of the first step of the y-th block, and of the first after it."""
    block, shift = task.block, task.shift
    begin = f"tc_max(0, y * {block} - {shift})" if shift else f"y * {block}"
    end = f"y * {block} + {block - shift}"
    if (steps + shift) % block:
        end = f"tc_min({end}, {steps})"
    return f"const int32_t begin = {begin};", f"const int32_t end = {end};"


def _used(setup: list[str], text: list[str]) -> list[str]:
    """The statements whose result is used later, or that move something; of these the move alone."""
    kept: list[str] = []
    for statement in reversed(setup):
        name, value = statement.removeprefix("const int32_t ").split(" = ", 1)
        if any(re.search(rf"\b{name}\b", line) for line in (*text, *kept)):
            kept.append(statement)
        elif value.startswith("tc_slide("):
            kept.append(f"(void){value}")
    return kept[::-1]
