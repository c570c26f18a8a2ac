"""The well-known models of the shared folder, and what is promised of them."""

from __future__ import annotations

#: File stems in `models/`. LiteRT refuses person_detect, whose bias tensors have a quantized_dimension out of range.
MODELS = (
    "hello_world_int8",
    "micro_speech_int8",
    "ad01_int8",
    "kws_int8",
    "sww_int8",
    "resnet8_int8",
    "person_detect",
    "vww_96_int8",
    "mcunet_vww",
)
TFLM_ONLY = frozenset({"person_detect"})

BOARDS = ("host", "mps2-an386", "mps2-an500", "mps2-an505", "mps3-an547")

#: Largest arena of the layer-by-layer plan in bytes: liveness peak and kernel scratch.
ARENA_LIMITS = {"vww_96_int8": 57_000, "kws_int8": 17_500, "resnet8_int8": 51_500, "ad01_int8": 1_200}

#: Largest flash.weights in bytes, by model and board: weights, biases, requantization and parameters.
WEIGHTS_LIMITS = {("vww_96_int8", "mps2-an386"): 44_000, ("kws_int8", "mps2-an386"): 30_000}

#: Bytes by which ram.total may exceed what is measured.
STACK_SLACK = 1024


def judge_of(model: str, reference: str) -> str:
    """Who judges a model that is compiled with --reference `reference`."""
    return "tflm" if model in TFLM_ONLY else reference
