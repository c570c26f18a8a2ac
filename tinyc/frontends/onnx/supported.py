"""What of each ONNX operator is supported, for the page of supported operators."""

from __future__ import annotations

from collections.abc import Mapping

from tinyc.frontends.onnx.operators import READERS

_CONSTANT = "shapes, axes and indices constant"
#: Of those that are not supported wholly.
_LIMITS: Mapping[str, str] = {
    "And": "of bool",
    "BatchNormalization": "with constant parameters, not in training",
    "Cast": "float32 to bool, int32 or int64 and back, bool to whole numbers; float16 and double count as float32",
    "Conv": "1-D and 2-D; weights constant, or computed without groups or with one for each channel",
    "ConvTranspose": "1-D and 2-D; constant weights",
    "CumSum": "a constant axis",
    "DequantizeLinear": "of int8, uint8 and types of 4 and 2 bits, constant scales; of constants also for blocks",
    "Dropout": "as in inference: nothing",
    "Einsum": "one or two operands",
    "Equal": "of float32 and whole numbers",
    "Expand": _CONSTANT,
    "Gather": _CONSTANT,
    "GatherElements": "constant indices",
    "GatherND": "constant indices",
    "Greater": "of float32 and whole numbers",
    "GreaterOrEqual": "of float32 and whole numbers",
    "LRN": "2-D",
    "Less": "of float32 and whole numbers",
    "LessOrEqual": "of float32 and whole numbers",
    "LpNormalization": "p is 1 or 2",
    "MatMul": "any ranks; dense where the second is a constant matrix",
    "MaxPool": "wholly, of float32; without indices",
    "Mod": "of float32 and whole numbers",
    "Not": "of bool",
    "OneHot": "of whole numbers that an operator made, of constant depth and values",
    "Or": "of bool",
    "Pad": "constant paddings; a constant, edge, reflect, wrap",
    "QuantizeLinear": "to int8, uint8 and types of 4 and 2 bits, one constant scale",
    "Reshape": _CONSTANT,
    "Resize": "constant sizes; nearest, linear and cubic, all ways to place and round",
    "ScatterElements": "constant indices",
    "ScatterND": "constant indices",
    "Slice": _CONSTANT,
    "Split": _CONSTANT,
    "Squeeze": _CONSTANT,
    "Tile": _CONSTANT,
    "Trilu": "a constant diagonal",
    "Unsqueeze": _CONSTANT,
    "Upsample": "as Resize",
    "Where": "of float32, by a bool mask",
    "Xor": "of bool",
}


#: Of the domains of QONNX.
_QONNX: Mapping[str, str] = {
    "BipolarQuant": "a constant scale",
    "Quant": "constant scale, whole zero point and bits; all rounding modes",
    "Trunc": "both definitions; constant scales, zero point and bits",
}


#: Of `ai.onnx.ml`.
_CLASSIC: Mapping[str, str] = {
    "ArrayFeatureExtractor": "constant columns; of constant numbers also one at a computed place",
    "Binarizer": "wholly",
    "LinearClassifier": "numbers as labels, a row of coefficients for each; NONE, SOFTMAX, LOGISTIC",
    "LinearRegressor": "NONE, SOFTMAX, LOGISTIC",
    "Normalizer": "wholly",
    "Scaler": "wholly",
}


def supported_onnx() -> list[tuple[str, str]]:
    """Return (operator, what of it is supported), in the order of names."""
    known = {name: _LIMITS.get(name, "wholly, of float32") for name in READERS}
    known |= {f"{name} (QONNX)": what for name, what in _QONNX.items()}
    return sorted((known | {f"{name} (ai.onnx.ml)": what for name, what in _CLASSIC.items()}).items())
