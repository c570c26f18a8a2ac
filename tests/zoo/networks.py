"""Architectures of timm that have convolutions only, each in its smallest variant, with random weights."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: name: (square image, what else the constructor is told)
NETWORKS: dict[str, tuple[int, dict[str, Any]]] = {
    "mobilenetv2_035": (64, {}),
    "mobilenetv3_small_050": (64, {}),
    "tinynet_e": (64, {}),
    "ghostnet_050": (64, {}),
    "resnet10t": (64, {}),
    "convnext_atto": (64, {}),
    "inception_next_atto": (64, {}),
    "poolformerv2_s12": (64, {}),
    "starnet_s050": (64, {}),
    "repvit_m0_9": (64, {}),
    "lcnet_035": (64, {}),
    "mnasnet_small": (64, {}),
    "efficientnet_lite0": (64, {}),
    "regnetx_002": (64, {}),
    "hgnetv2_b0": (64, {}),
    "fastvit_t8": (64, {}),
    "semnasnet_050": (64, {}),
    "test_convnext": (96, {}),
    "test_efficientnet": (96, {}),
    "test_efficientnet_gn": (96, {}),
    "test_efficientnet_ln": (96, {}),
    "test_resnet": (96, {}),
    "test_byobnet": (96, {}),
}


@dataclass(frozen=True)
class Form:
    """How a network is exported."""

    dynamo: bool
    opset: int

    def __str__(self) -> str:
        return f"{'dynamo' if self.dynamo else 'torchscript'} {self.opset}"


FORMS = (Form(False, 17), Form(False, 20), Form(True, 17), Form(True, 20), Form(True, 23))


def exports(name: str, folder: Path, forms: tuple[Form, ...] = FORMS) -> Iterator[tuple[Form, Path | str]]:
    """Yield each form and its file, or why there is none."""
    size, options = NETWORKS[name]
    network = randomised(name, **options)
    for form in forms:
        file = folder / f"{name}_{form.dynamo:d}_{form.opset}.onnx"
        try:
            export(network, (1, 3, size, size), file, form)
        except Exception as problem:  # the exporter's own limits
            yield form, f"export: {type(problem).__name__}: {problem}"
        else:
            yield form, file


def randomised(name: str, **options: Any) -> Any:
    """Return the network with random weights and statistics of batch normalization, the same ones every time."""
    import timm  # noqa: PLC0415 - optional
    import torch  # noqa: PLC0415

    torch.manual_seed(0)
    network = timm.create_model(name, num_classes=10, **options).eval()
    with torch.no_grad():
        for part in network.modules():
            if isinstance(part, torch.nn.modules.batchnorm._BatchNorm):
                part.running_mean.normal_(0, 0.2)
                part.running_var.uniform_(0.5, 1.5)
                part.weight.uniform_(0.5, 1.5)
                part.bias.normal_(0, 0.2)
    return network


def export(network: Any, shape: tuple[int, ...], file: Path, form: Form) -> None:
    import torch  # noqa: PLC0415 - optional

    x = torch.zeros(shape)
    options: dict[str, Any] = {"opset_version": form.opset, "dynamo": form.dynamo}
    if form.dynamo:
        options |= {"verbose": False, "external_data": False}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(network, (x,), str(file), **options)
