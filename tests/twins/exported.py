"""A network of `in_torch` as ONNX, as if it were trained."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import torch

from tests.twins.in_torch import NETWORKS
from tests.zoo.networks import settle


def exported(name: str, folder: Path, *, dynamo: bool, opset: int) -> Path:
    """Return the file; weights and statistics are random, the same ones every time."""
    torch.manual_seed(0)
    make, shape = NETWORKS[name]
    network = make().eval()
    with torch.no_grad():
        for value in network.parameters():
            if value.dim() > 1:
                torch.nn.init.kaiming_normal_(value)
    settle(network, (4, *shape[1:]))
    file = folder / f"{name}_{'dynamo' if dynamo else 'torchscript'}_{opset}.onnx"
    options: dict[str, Any] = {"verbose": False, "external_data": False} if dynamo else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        x = (torch.zeros(shape),)
        torch.onnx.export(network, x, str(file), opset_version=opset, dynamo=dynamo, **options)
    return file
