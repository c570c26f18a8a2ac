"""An ONNX model with every shape known and nothing left to compute that does not depend on the inputs."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tinyc.errors import ModelError, ToolError, UsageError
from tinyc.frontends.onnx.channels_last import without_channels_last
from tinyc.frontends.onnx.classic import without_classic
from tinyc.frontends.onnx.domains import name_domains
from tinyc.frontends.onnx.fused import without_fused
from tinyc.frontends.onnx.guarded import check_operators
from tinyc.frontends.onnx.half import in_single_precision
from tinyc.frontends.onnx.inputs import fix_inputs
from tinyc.frontends.onnx.integers import with_real_numbers
from tinyc.frontends.onnx.order import copied, graphs_of, in_order
from tinyc.frontends.onnx.qonnx import without_qonnx
from tinyc.frontends.onnx.tidy import tidied
from tinyc.frontends.onnx.upgrade import upgraded
from tinyc.frontends.tflite.select import NamedShape
from tinyc.ir import Array
from tinyc.plain import printable, reason

#: TensorProto.FLOAT.
_FLOAT = 1
#: The first version of the format whose constants are no inputs.
_CONSTANTS_APART = 4


def prepared(path: Path, shapes: Sequence[NamedShape]) -> Any:
    """Return the model of a file, an onnx.ModelProto. Raises ModelError, UsageError or ToolError."""
    try:
        import onnx  # noqa: PLC0415 - optional
        from onnx import shape_inference  # noqa: PLC0415
        from onnxscript import optimizer  # noqa: PLC0415
    except ImportError as missing:
        raise ToolError(
            f"{path.name}: reading ONNX needs the Python package {missing.name}", "pip install 'tinyc[onnx]'"
        ) from missing
    for name in ("onnxscript", "onnx_ir"):  # they tell of each step
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        model = onnx.load(str(path))
        check_operators(model, path.name)
        name_domains(model)
        in_order(model.graph)
        _drop_constant_inputs(model)
        fix_inputs(model, path.name, shapes)
        in_single_precision(model)
        without_fused(model)
        without_classic(model)
        without_channels_last(model)
        upgraded(model, path.name)
        _checked(model)
        without_qonnx(model, path.name)
        with_real_numbers(model, path.name)
        model = tidied(model, optimizer.optimize)
        return shape_inference.infer_shapes(model, data_prop=True)
    except (ModelError, UsageError):
        raise
    except Exception as problem:  # damaged files provoke errors of every type in the package
        raise ModelError(f"{path.name}: this ONNX file cannot be read: {reason(problem)}") from problem


def _checked(model: Any) -> None:
    """Check the file by the package's rules, which ask for names of graphs and for types and shapes of outputs.

    Runtimes do not.
    """
    from onnx import checker  # noqa: PLC0415 - optional

    for graph in graphs_of(model.graph):
        graph.name = graph.name or "graph"
    kept = [copied(one) for one in model.graph.output]
    for one in model.graph.output:
        kind = one.type
        if kind.WhichOneof("value") is None:
            kind.tensor_type.elem_type = _FLOAT
        if kind.HasField("tensor_type") and not kind.tensor_type.HasField("shape"):
            kind.tensor_type.shape.SetInParent()
    checker.check_model(model)
    del model.graph.output[:]
    model.graph.output.extend(kept)


def constant(initializer: Any, file: str) -> Array:
    """Return the value of a TensorProto; float16 and double are widened or narrowed to float32."""
    from onnx import numpy_helper  # noqa: PLC0415 - optional

    try:
        found = np.asarray(numpy_helper.to_array(initializer))
    except Exception as problem:  # as above
        raise ModelError(f"{file}: constant '{printable(initializer.name)}': {reason(problem)}") from problem
    return found.astype(np.float32) if found.dtype.kind == "f" else found


def _drop_constant_inputs(model: Any) -> None:
    """Old files list constants among the inputs."""
    constants = {i.name for i in model.graph.initializer}
    inputs = [i for i in model.graph.input if i.name not in constants]
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    model.ir_version = max(model.ir_version, _CONSTANTS_APART)
