"""What was measured of networks written twice, as the page benchmarks/TWINS.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_KINDS = ("float32", "int8")


def page(store: Mapping[str, Any], board: str) -> str:
    rows = [_row(name, found) for name, found in sorted(store.items())]
    worst = max((_more(found, kind) for found in store.values() for kind in _KINDS), default=0.0)
    return f"""# The same networks in PyTorch and in Keras

Written by `python -m tests.twins`: networks of `tests/twins/in_torch.py`, exported by `torch.onnx.export(dynamo=True)` at
opset 20, beside the same networks of `tests/twins/in_keras.py` in `.keras` files, each as people write it in that
framework. *RAM*: the arena as planned for the {board}, in bytes. *Transposes*: what is left of the ONNX file's.
*On the board* (`--board`): the emulated {board} computes what is right of all four, in float32 within the bound of ONNX
Runtime or LiteRT and in INT8 every byte of LiteRT's; in millions of instructions, INT8.

| network | float32 RAM, PyTorch | Keras | more | INT8 RAM, PyTorch | Keras | more | transposes | on the board, PyTorch | Keras |
|---|---|---|---|---|---|---|---|---|---|
{chr(10).join(rows)}

At most {worst:.1%} more RAM than the same network in Keras. What is more is padding: with a stride of 2, PyTorch pads above and
below where Keras pads below alone, and a row is kept longer. With `ZeroPadding2D(1)` a network in Keras takes as much.
"""  # noqa: E501 - a row of a table


def _more(found: Mapping[str, Any], kind: str) -> float:
    """Return how much more RAM the ONNX file's firmware takes, as a share of that of the Keras file's."""
    return float(found["torch"][kind]["arena"] / found["keras"][kind]["arena"] - 1)


def _row(name: str, found: Mapping[str, Any]) -> str:
    torch, keras = found["torch"], found["keras"]
    cells = [name]
    for kind in _KINDS:
        cells += [f"{one[kind]['arena']:,}" for one in (torch, keras)] + [f"{_more(found, kind):+.1%}"]
    cells.append(str(max(torch[kind]["transposes"] for kind in _KINDS)))
    runs = [one[kind] for one in (torch, keras) for kind in _KINDS]
    if not all("exact" in run for run in runs):
        cells += ["not run", "not run"]
    elif not all(run["exact"] for run in runs):
        cells += ["**differs**", "**differs**"]
    else:
        cells += [f"{one['int8']['instructions'] / 1e6:.2f}" for one in (torch, keras)]
    return f"| {' | '.join(cells)} |"
