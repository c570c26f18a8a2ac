"""Shapes of an ONNX model's inputs: what the file leaves open is the batch, or asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tinyc.errors import ModelError, UsageError
from tinyc.frontends.tflite.select import NamedShape
from tinyc.plain import printable

#: A dimension of an example.
_SOME = 96


def fix_inputs(model: Any, file: str, shapes: Sequence[NamedShape]) -> None:
    """Give every input a shape: an open batch is 1, any other open dimension is asked for.

    A name that dimensions share stands for one size: the batch is what stands first in an input, wherever else it is.
    Raises UsageError for a shape of no input, ModelError for one that is missing.
    """
    inputs = list(model.graph.input)
    sizes = {d.dim_param: 1 for i in inputs for d in _dims(i)[:1] if d.dim_param}
    given = _named(inputs, dict(shapes), sizes)
    for one in inputs:
        wanted = given.get(one.name)
        if wanted is not None:
            _check(one, wanted)
            sizes |= {d.dim_param: n for d, n in zip(_dims(one), wanted, strict=True) if d.dim_param}
    for one in inputs:
        _check_known(model, file, one, given, sizes)
        found = given.get(one.name) or [_size(d, sizes) or 1 for d in _dims(one)]
        for dim, size in zip(_dims(one), found, strict=True):
            dim.ClearField("dim_param")
            dim.dim_value = size
    for one in (*model.graph.output, *model.graph.value_info):
        for dim in _dims(one):
            if dim.HasField("dim_param") or dim.dim_value <= 0:
                dim.Clear()


def _dims(one: Any) -> Any:
    return one.type.tensor_type.shape.dim


def _size(dim: Any, sizes: Mapping[str, int]) -> int | None:
    """Return what a dimension is, None where it is open."""
    if dim.dim_param:
        return sizes.get(dim.dim_param)
    return dim.dim_value if dim.dim_value > 0 else None


def _named(
    inputs: Sequence[Any], given: dict[str, tuple[int, ...]], sizes: Mapping[str, int]
) -> dict[str, tuple[int, ...]]:
    """Return shapes by input; one without a name is of the only input there is, or the only one that is open."""
    unknown = set(given) - {"", *(i.name for i in inputs)}
    if unknown:
        names = ", ".join(printable(i.name) for i in inputs)
        raise UsageError(f"--shape: the model has no input '{unknown.pop()}'; its inputs are {names}")
    if "" in given:
        meant = [i for i in inputs if len(inputs) == 1 or any(_size(d, sizes) is None for d in _dims(i)[1:])]
        if len(meant) != 1:
            raise UsageError(
                f"--shape: the model has {len(inputs)} inputs; name one, as {inputs[0].name}=1,3,96,96"
            )
        given[meant[0].name] = given.pop("")
    return given


def _check(one: Any, wanted: tuple[int, ...]) -> None:
    known = [_size(d, {}) for d in _dims(one)]
    fits = len(wanted) == len(known) and all(k in (None, w) for k, w in zip(known, wanted, strict=True))
    if not fits:
        raise UsageError(f"--shape {printable(one.name)}: the model's input is [{_told(known)}]")


def _check_known(
    model: Any, file: str, one: Any, given: Mapping[str, object], sizes: Mapping[str, int]
) -> None:
    known = [_size(d, sizes) for d in _dims(one)]
    if one.name in given or None not in known[1:]:
        return
    told = _told([_size(d, {}) for d in _dims(one)])
    example = ",".join(str(k or (1 if i == 0 else _SOME)) for i, k in enumerate(known))
    message = f"{file}: input '{printable(one.name)}' leaves its shape open: [{told}]"
    raise ModelError(
        "\n".join((message, *_recurrent(model, file))),
        f"say which one is meant, for instance --shape {printable(one.name)}={example}",
    )


def _told(known: Sequence[int | None]) -> str:
    return ", ".join("?" if k is None else str(k) for k in known)


def _recurrent(model: Any, file: str) -> list[str]:
    """Return a line for each recurrent layer, which no shape makes go away; those of branches count as one."""
    nodes = [(i, node) for i, outer in enumerate(model.graph.node) for node in _with_branches(outer)]
    found = {
        f"{file}: op {i} {node.op_type}: this operator is not supported"
        for i, node in nodes
        if node.op_type in ("LSTM", "GRU", "RNN")
    }
    return sorted(found)


def _with_branches(node: Any) -> list[Any]:
    inner = [n for a in node.attribute for graph in (a.g, *a.graphs) for n in graph.node]
    return [node, *(deeper for n in inner for deeper in _with_branches(n))]
