"""The int8 graph of a file that says itself which tensors are bytes, and by which scales."""

from tinyc.quantize.stated.build import stated_graph

__all__ = ["stated_graph"]
