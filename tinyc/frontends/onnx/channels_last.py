"""Windows of QONNX that have channels last, in images and weights, as those of ONNX between two Transposes."""

from __future__ import annotations

from typing import Any

from tinyc.frontends.onnx.order import replace_nodes

_DOMAIN = "qonnx.custom_op.channels_last"
#: Inputs that lie so: images, and weights as [O, H, W, I]; scale, bias, mean and variance have one dimension.
_TURNED = {"BatchNormalization": 1, "Conv": 2, "MaxPool": 1}
_IMAGE = 4


def without_channels_last(model: Any) -> None:
    """Change a model in place. An operator without kernel_shape is one of images, of 4 dimensions."""
    from onnx import helper  # noqa: PLC0415 - optional

    nodes = model.graph.node
    if not any(node.domain == _DOMAIN and node.op_type in _TURNED for node in nodes):
        return
    made: list[Any] = []
    for node in nodes:
        if node.domain == _DOMAIN and node.op_type in _TURNED and len(node.output) == 1:
            rank = next((len(a.ints) + 2 for a in node.attribute if a.name == "kernel_shape"), _IMAGE)
            to_second, to_last = (0, rank - 1, *range(1, rank - 1)), (0, *range(2, rank), 1)
            out = node.output[0]
            for i in range(_TURNED[node.op_type]):
                name = f"{out}_second_{i}"
                made.append(helper.make_node("Transpose", [node.input[i]], [name], perm=to_second))
                node.input[i] = name
            node.output[0] = f"{out}_second"
            node.domain = ""
            made += [node, helper.make_node("Transpose", [node.output[0]], [out], perm=to_last)]
        else:
            made.append(node)
    replace_nodes(model.graph, made)
