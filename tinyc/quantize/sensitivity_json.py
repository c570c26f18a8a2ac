"""What each layer loses, as the JSON of `tinyc quantize`."""

from __future__ import annotations

from typing import Any

from tinyc.quantize.advice import Advice, advise
from tinyc.quantize.file import Quantized
from tinyc.quantize.sensitivity import Effect, LayerLoss, Sensitivity, Told, decibels, measure


def sensitivity_json(made: Quantized, told: Told = lambda *_: None) -> dict[str, Any]:
    """Measure a quantized model on its calibration data, try what would help, and return both."""
    found = measure(made.choice, made.samples.inputs, made.classes, told)
    advice = advise(made.choice, found, made.samples.inputs, made.effort, told)
    return {
        "schema": 1,
        "model": {"file": made.file.name, "sha256": made.file.sha256},
        "effort": made.effort,
        **_measured(found),
        "advice": [_advice(one) for one in advice],
    }


def _measured(found: Sensitivity) -> dict[str, Any]:
    accuracy = found.accuracy
    whole = sum(layer.cost for layer in found.layers) or 1.0
    return {
        "samples": found.samples,
        "sqnr_db": decibels(found.noise),
        "accuracy": None if accuracy is None else {"float32": accuracy[0], "int8": accuracy[1]},
        "layers": [_layer(layer, whole) for layer in found.layers],
    }


def _layer(layer: LayerLoss, whole: float) -> dict[str, Any]:
    return {
        "name": layer.name,
        "kind": layer.kind,
        "tensor": layer.tensor,
        "type": layer.type,
        "sqnr_db": decibels(layer.noise),
        "cosine": layer.cosine,
        "share": layer.cost / whole,
        "weights": _effect(layer.weights, whole),
        "activation": _effect(layer.activation, whole),
    }


def _effect(effect: Effect | None, whole: float) -> dict[str, Any] | None:
    if effect is None:
        return None
    return {
        "sqnr_db": effect.sqnr_db,
        "share": effect.noise / whole,
        "accuracy_change": effect.accuracy,
    }


def _advice(one: Advice) -> dict[str, Any]:
    return {
        "layer": one.layer.name,
        "tensor": one.layer.tensor,
        "share": one.share,
        "mostly": one.mostly,
        "helps": [{"what": remedy.what, "gain_db": remedy.gain_db} for remedy in one.remedies],
    }
