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
framework. *RAM*: arena, static data and stack, as measured on the emulated {board}. *Transposes*: what is left of the ONNX
file's. *Right*: the float32 firmware lies within the bound of ONNX Runtime or LiteRT, and every byte of the INT8
firmware is LiteRT's. *Instructions*: of one INT8 inference, in millions.

| network | float32 RAM: PyTorch | Keras | more | INT8 RAM: PyTorch | Keras | more | transposes | right | instructions: PyTorch | Keras |
|---|---|---|---|---|---|---|---|---|---|---|
{chr(10).join(rows)}

At most {worst:.1%} more RAM than the same network in Keras.
"""  # noqa: E501 - a row of a table


def _more(found: Mapping[str, Any], kind: str) -> float:
    """Return how much more RAM the ONNX file's firmware takes, as a share of that of the Keras file's."""
    return float(found["torch"][kind]["ram"] / found["keras"][kind]["ram"] - 1)


def _row(name: str, found: Mapping[str, Any]) -> str:
    torch, keras = found["torch"], found["keras"]
    cells = [name]
    for kind in _KINDS:
        cells += [f"{one[kind]['ram']:,}" for one in (torch, keras)] + [f"{_more(found, kind):+.1%}"]
    right = all(one[kind]["exact"] for one in (torch, keras) for kind in _KINDS)
    cells += [str(torch["transposes"]), "yes" if right else "**no**"]
    cells += [f"{one['int8']['instructions'] / 1e6:.2f}" for one in (torch, keras)]
    return f"| {' | '.join(cells)} |"
