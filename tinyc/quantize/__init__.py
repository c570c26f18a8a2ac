"""INT8 post-training quantization: a float graph and samples become the int8 graph that LiteRT would run."""

from tinyc.quantize.quantize import Effort, quantize_graph

__all__ = ["Effort", "quantize_graph"]
