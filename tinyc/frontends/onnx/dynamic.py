"""Operators whose scales are found while the network runs, as operators on real numbers.

DynamicQuantizeLinear rounds by what it sees; MatMulInteger and ConvInteger then count in steps, and products with the
scales make real numbers of the counts. Without the rounding the steps are the real numbers themselves, by scale 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

_DYNAMIC = "DynamicQuantizeLinear"
#: Key of the model's metadata under which it is noted.
NOTE = "tinyc.dynamic"
_INTEGER = {"MatMulInteger": "MatMul", "ConvInteger": "Conv"}


def is_dynamic(model: Any) -> bool:
    """Whether runtimes round a model's activations by what they see."""
    return any(p.key == NOTE for p in model.metadata_props)


def without_dynamic(model: Any) -> None:
    """Change a model in place: its weights are real numbers of their steps, its activations are not rounded."""
    from onnx import helper, numpy_helper  # noqa: PLC0415 - optional

    graph = model.graph
    constants = {i.name: i for i in graph.initializer}
    if not any(node.op_type == _DYNAMIC for node in graph.node):
        return
    model.metadata_props.add(key=NOTE, value="")
    real: set[str] = set()
    nodes = []
    for node in graph.node:
        if node.op_type == _DYNAMIC and len(node.output) == 3:
            x, (steps, scale, zero) = node.input[0], node.output
            real.add(steps)
            nodes.append(helper.make_node("Identity", [x], [steps]))
            graph.initializer.append(numpy_helper.from_array(np.ones((), np.float32), scale))
            graph.initializer.append(numpy_helper.from_array(np.zeros((), np.uint8), zero))
        elif node.op_type in _INTEGER and len(node.input) > 1 and node.input[0] in real:
            weights, zero = constants.get(node.input[1]), constants.get("".join(node.input[3:4]))
            if weights is None:
                nodes.append(node)
                continue
            data = numpy_helper.to_array(weights).astype(np.float32)
            if zero is not None:
                shift = numpy_helper.to_array(zero).astype(np.float32)
                along = (-1, 1, 1, 1) if node.op_type == "ConvInteger" and shift.size > 1 else (-1,)
                data = data - (shift.reshape(along) if shift.size > 1 else shift.reshape(-1)[0])
            name = f"{node.output[0]}_steps"
            graph.initializer.append(numpy_helper.from_array(data, name))
            made = helper.make_node(_INTEGER[node.op_type], [node.input[0], name], list(node.output))
            made.attribute.extend(node.attribute)
            real.add(node.output[0])
            nodes.append(made)
        elif node.op_type == "Cast" and node.input and node.input[0] in real:
            nodes.append(helper.make_node("Identity", list(node.input), list(node.output)))
        else:
            nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.value_info[:]
