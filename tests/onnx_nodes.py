"""The node tests of the package `onnx` through generated C: `python -m tests.onnx_nodes [OPERATOR ...]`.

A test counts where every operator of its model is one that tinyc reads, and its tensors are of float32 (or double or
float16, taken as that) or bool. What has to be a constant for tinyc (shapes, axes, weights) is one: inputs of integers,
and where a reader asks for it all inputs but the first. Outputs are held to the tolerance of the test.
`--markdown` prints docs/onnx_nodes.md.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from tests.kernels.float_host import joined, run
from tinyc.errors import ModelError, TinycError
from tinyc.frontends.onnx import Loaded, load_onnx
from tinyc.frontends.onnx.operators import READERS
from tinyc.ir import Array
from tinyc.kernels import lower
from tinyc.passes import optimize

#: Graphs that become one program.
_TOGETHER = 40
#: Element types by TensorProto's numbers.
_FLOATS, _BOOL, _INTEGERS = (1, 10, 11), 9, (6, 7)


@dataclass(eq=False)
class Case:
    """One test. reason: why it does not count, or "" where it does; problem: how it fails, or "" where it passes."""

    name: str
    operators: tuple[str, ...]
    model: Any
    inputs: list[Array]
    outputs: list[Array]
    rtol: float
    atol: float
    reason: str = ""
    problem: str = ""
    loaded: Loaded | None = None
    feeds: list[Array] = field(default_factory=list)

    @property
    def is_refused(self) -> bool:
        """Whether tinyc says that it does not support something."""
        return "support" in self.problem or "only float32" in self.problem


def cases() -> Iterator[Case]:
    """All of them, in the order of names, from the data that the package computes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from onnx.backend.test.loader import load_model_tests  # noqa: PLC0415 - optional

        tests = sorted(load_model_tests(kind="node"), key=lambda t: t.name)
    for test in tests:
        operators = tuple(sorted({node.op_type for node in test.model.graph.node}))
        inputs, outputs = ([_array(v) for v in part] for part in test.data_sets[0])
        case = Case(test.name, operators, test.model, inputs, outputs, test.rtol, max(test.atol, 1e-6))
        case.reason = _reason(case)
        yield case


def _array(value: Any) -> Any:
    from onnx import TensorProto, numpy_helper  # noqa: PLC0415 - optional

    return numpy_helper.to_array(value) if isinstance(value, TensorProto) else value


def _reason(case: Case) -> str:
    graph = case.model.graph
    missing = [name for name in case.operators if name not in READERS]
    if "training" in case.name:
        return "training"
    if missing or any(node.domain not in ("", "ai.onnx") for node in graph.node):
        return "another operator"
    if any(not one.type.HasField("tensor_type") for one in (*graph.input, *graph.output)):
        return "no tensors"
    inputs = [i.type.tensor_type.elem_type for i in graph.input]
    outputs = [o.type.tensor_type.elem_type for o in graph.output]
    known = {*_FLOATS, _BOOL, *_INTEGERS}
    if not {*inputs, *outputs} <= known or not {*_FLOATS, _BOOL} & set(inputs) or inputs[0] in _INTEGERS:
        return "element types"
    if any(0 in np.shape(v) for v in (*case.inputs[:1], *case.outputs)) or any(
        o is None for o in case.outputs
    ):
        return "empty tensors"
    return ""


def read(case: Case, folder: Path) -> None:
    """Read the model, with as few inputs as constants as tinyc needs; note a problem otherwise."""
    kinds = [i.type.tensor_type.elem_type for i in case.model.graph.input]
    some = [i for i, kind in enumerate(kinds) if kind in _INTEGERS]
    ways = (some, list(range(1, len(kinds))), [i for i in range(len(kinds)) if i != 1])
    for constants in ways:
        try:
            loaded = load_onnx(_file(case, constants, folder))
            case.loaded = replace(loaded, graph=optimize(loaded.graph))
            case.feeds = [_fed(case, i) for i in range(len(kinds)) if i not in constants]
            for op in case.loaded.graph.ops:
                lower(op, case.loaded.graph, ("ref",))
        except ModelError as problem:
            case.problem = case.problem or problem.message.splitlines()[0]
            if "constant" not in problem.message:
                return
            continue
        except Exception as problem:
            case.problem = f"{type(problem).__name__}: {problem}".splitlines()[0]
            return
        case.problem = ""
        case.reason = "empty tensors" if any(0 in value.shape for value in case.feeds) else ""
        return


def _file(case: Case, constants: Sequence[int], folder: Path) -> Path:
    import onnx  # noqa: PLC0415 - optional

    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    every = list(model.graph.input)
    del model.graph.input[:]
    for i, one in enumerate(every):
        if i in constants:
            model.graph.initializer.append(onnx.numpy_helper.from_array(np.asarray(case.inputs[i]), one.name))
        else:
            model.graph.input.append(one)
    file = folder / "node.onnx"
    onnx.save(model, str(file))
    return file


def _fed(case: Case, index: int) -> Array:
    value = np.asarray(case.inputs[index])
    return value.astype(np.float32) if value.dtype.kind == "f" else value


def compute(some: Sequence[Case]) -> None:
    """Run what was read as one program, and note what differs."""
    graphs, feeds = [], []
    for case in some:
        assert case.loaded is not None
        graphs.append(case.loaded.graph)
        for port, value in zip(case.loaded.graph.inputs, case.feeds, strict=True):
            moved = port.tensor in case.loaded.moved
            feeds.append(np.array(np.moveaxis(value, 1, -1) if moved else value, order="C"))
    made = iter(run(joined(graphs), feeds))
    for case in some:
        assert case.loaded is not None
        for port, want in zip(case.loaded.graph.outputs, case.outputs, strict=False):
            got = next(made)
            got = np.moveaxis(got, -1, 1) if port.tensor in case.loaded.moved else got
            case.problem = case.problem or _difference(case, got, np.asarray(want))


def apart(some: Sequence[Case]) -> None:
    """Compute in a process of its own; where that dies or nothing builds, in halves."""
    receiver, sender = multiprocessing.get_context("fork").Pipe(duplex=False)
    worker = multiprocessing.get_context("fork").Process(target=_computed, args=(some, sender))
    worker.start()
    sender.close()
    try:
        problems = receiver.recv()
    except EOFError:
        problems = None
    worker.join()
    if problems is not None:
        for case, problem in zip(some, problems, strict=True):
            case.problem = problem
    elif len(some) == 1:
        some[0].problem = "does not build, or crashes"
    else:
        apart(some[: len(some) // 2])
        apart(some[len(some) // 2 :])


def _computed(some: Sequence[Case], sender: Any) -> None:
    try:
        compute(some)
    except TinycError as problem:
        if len(some) == 1:
            sender.send([f"{type(problem).__name__}: {problem.message}".splitlines()[0]])
        return
    sender.send([case.problem for case in some])


def _difference(case: Case, got: Array, want: Array) -> str:
    if got.shape != want.shape:
        return f"shape {list(got.shape)}, not {list(want.shape)}"
    found, wanted = got.astype(np.float64), want.astype(np.float64)
    with np.errstate(invalid="ignore"):
        close = np.isclose(found, wanted, case.rtol, case.atol, equal_nan=True)
    if close.all():
        return ""
    at = int(np.argmin(close))
    return f"{int((~close).sum())} of {close.size} differ: {found.flat[at]:g}, not {wanted.flat[at]:g}"


def results(names: Sequence[str] = (), *, first_only: bool = False) -> list[Case]:
    """Return the tests, or those of these operators, with what became of them; or only the first of each."""
    every = [case for case in cases() if not names or set(names) & set(case.operators)]
    counted = [case for case in every if not case.reason]
    if first_only:
        counted = list({case.operators: case for case in reversed(counted)}.values())
    with tempfile.TemporaryDirectory() as folder:
        for case in counted:
            read(case, Path(folder))
    ready = [case for case in counted if not case.problem and not case.reason]
    for first in range(0, len(ready), _TOGETHER):
        apart(ready[first : first + _TOGETHER])
    return counted if first_only else every


def operators(every: Sequence[Case]) -> dict[str, tuple[int, int, int]]:
    """Return (passed, refused by name, failed) by the operator that a test is of: of those with one operator."""
    found: dict[str, tuple[int, int, int]] = {}
    for case in every:
        if not case.reason and len(case.operators) == 1:
            state = 1 if case.is_refused else 2 if case.problem else 0
            before = found.get(case.operators[0], (0, 0, 0))
            found[case.operators[0]] = (
                before[0] + (state == 0), before[1] + (state == 1), before[2] + (state == 2)
            )  # fmt: skip
    return dict(sorted(found.items()))


def page(every: Sequence[Case]) -> str:
    """Return docs/onnx_nodes.md."""
    found = operators(every)
    whole = [name for name, (passed, refused, failed) in found.items() if passed and not refused + failed]
    counted = [case for case in every if not case.reason]
    passed = sum(not case.problem for case in counted)
    reasons = Counter(case.reason for case in every if case.reason)
    refused = [f"{case.name}: {case.problem.rpartition(': ')[2]}" for case in counted if case.problem]
    some = sum(good > 0 for good, *_ in found.values())
    why = ", ".join(f"{reason} ({count})" for reason, count in reasons.most_common())
    lines = [
        "# Node tests of ONNX",
        "",
        "Generated by `python -m tests.onnx_nodes --markdown`; do not edit. Each test is a model of one operator, or",
        "of those that define one, with inputs and outputs; it becomes C, which runs on this computer.",
        "",
        f"{passed} of {len(counted)} tests pass, of {some} operators; of {len(whole)} operators all do.",
        f"Not counted: {why}.",
        "",
        "| operator | pass | refused | fail |",
        "|---|---|---|---|",
        *(f"| {name} | {a} | {b or ''} | {c or ''} |" for name, (a, b, c) in found.items()),
        "",
        "What does not pass, and what tinyc says of it:",
        "",
        *(f"- {line}" for line in refused),
    ]
    return "\n".join(lines) + "\n"


def main(words: Sequence[str]) -> int:
    names = [word for word in words if not word.startswith("-")]
    every = results(names)
    if "--markdown" in words:
        print(page(every), end="")
        return 0
    for case in every:
        if case.problem:
            print(f"{case.name}: {case.problem}")
    print(page(every).partition("\n\n")[2].partition("| operator")[0])
    return int(any(case.problem and not case.is_refused for case in every))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
