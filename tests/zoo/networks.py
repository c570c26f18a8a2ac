"""Architectures of timm that have convolutions only, with random weights."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: The families that the project promises to read, the smallest variant of each, in every form of export.
PROMISED = (
    "mobilenetv2_035",
    "mobilenetv3_small_050",
    "tinynet_e",
    "ghostnet_050",
    "resnet10t",
    "convnext_atto",
    "inception_next_atto",
    "poolformerv2_s12",
    "starnet_s050",
    "repvit_m0_9",
    "lcnet_035",
    "mnasnet_small",
    "efficientnet_lite0",
    "regnetx_002",
    "hgnetv2_b0",
    "fastvit_t8",
)

#: Others, in two forms.
OTHERS = ("semnasnet_050",)

#: Pixels of the square image, where it is not `SIZE`.
SIZES: dict[str, int] = {}
SIZE = 64


@dataclass(frozen=True)
class Form:
    """How a network is exported."""

    dynamo: bool
    opset: int

    def __str__(self) -> str:
        return f"{'dynamo' if self.dynamo else 'torchscript'} {self.opset}"


TORCHSCRIPT, DYNAMO = Form(False, 17), Form(True, 20)
FORMS = (TORCHSCRIPT, Form(False, 20), Form(True, 17), DYNAMO, Form(True, 23))


def forms(name: str) -> tuple[Form, ...]:
    return FORMS if name in PROMISED else (TORCHSCRIPT, DYNAMO)


def exports(name: str, folder: Path) -> Iterator[tuple[Form, Path | str]]:
    """Yield each form and its file, or why there is none."""
    size = SIZES.get(name, SIZE)
    network = randomised(name, size)
    for form in forms(name):
        file = folder / f"{name}_{form.dynamo:d}_{form.opset}.onnx"
        try:
            export(network, (1, 3, size, size), file, form)
        except Exception as problem:  # the exporter's own limits
            yield form, f"export: {type(problem).__name__}: {problem}"
        else:
            yield form, file


def randomised(name: str, size: int) -> Any:
    """Return the network with random weights, the same ones every time."""
    import timm  # noqa: PLC0415 - optional
    import torch  # noqa: PLC0415

    torch.manual_seed(0)
    network = timm.create_model(name, num_classes=10).eval()
    settle(network, (4, 3, size, size))
    return network


def settle(network: Any, shape: tuple[int, ...]) -> None:
    """Give a network that was never trained signals of the size of 1 all the way, and channels that are unlike.

    Else rounding grows from layer to layer or signals fade. Scales that begin as 0 or next to it, which hide what they
    scale, are of the size of 1, too. shape: of inputs that are tried.
    """
    import torch  # noqa: PLC0415 - optional

    def normalize(norm: Any, inputs: tuple[Any, ...]) -> None:
        """Give batch normalization the mean square of its input."""
        square = float(inputs[0].square().mean())
        norm.running_var.uniform_(0.5, 1.5).mul_(square)
        norm.running_mean.normal_(0, 0.2).mul_(square**0.5)

    with torch.no_grad():
        for path, value in network.named_parameters():
            if value.numel() != max(value.shape, default=1) or value.min() != value.max():
                continue
            if path.endswith("bias"):
                value.normal_(0, 0.2)
            elif abs(float(value.max())) < _HIDDEN or float(value.max()) == 1:
                value.uniform_(0.5, 1.5)
        norms = [m for m in network.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
        hooks = [norm.register_forward_pre_hook(normalize) for norm in norms]
        network(torch.randn(shape))
        for hook in hooks:
            hook.remove()


#: Below this a scale is taken for one that training would have raised.
_HIDDEN = 1e-2


def export(network: Any, shape: tuple[int, ...], file: Path, form: Form) -> None:
    import torch  # noqa: PLC0415 - optional

    x = torch.zeros(shape)
    options: dict[str, Any] = {"opset_version": form.opset, "dynamo": form.dynamo}
    if form.dynamo:
        options |= {"verbose": False, "external_data": False}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(network, (x,), str(file), **options)
