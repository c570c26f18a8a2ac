"""The seeded generator of INT8 models: the same seed gives the same bytes on every machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tests.modelgen.functions import FUNCTIONS, LITERT_FUNCTIONS
from tests.modelgen.graphs import GRAPHS
from tests.modelgen.layers import IMAGE_LAYERS, LAYERS, transpose_all
from tests.modelgen.net import CHANNELS, Net
from tests.modelgen.writer import Array, TensorSpec


@dataclass(frozen=True, eq=False)
class ModelCase:
    """data: the .tflite file; description: its ops in order; inputs: the model's own inputs."""

    name: str
    seed: int
    data: bytes
    description: str
    inputs: tuple[TensorSpec, ...]

    def samples(self, count: int) -> tuple[Array, ...]:
        """Inputs, samples along axis 0: uniform ones, after one of each extreme and one at the zero point."""
        rng = np.random.default_rng((self.seed, 1))
        return tuple(np.stack([_sample(rng, spec, i) for i in range(count)]) for spec in self.inputs)


def random_model(seed: int) -> ModelCase:
    """One model. Kinds take turns: `len(KINDS)` consecutive seeds meet every single op and every pattern.

    Which reference accepts a model is found by asking it (tests/test_modelgen.py); most are accepted by both.
    """
    return model_of_kind(KINDS[seed % len(KINDS)], seed)


def model_of_kind(kind: str, seed: int, of: type[Net] = Net) -> ModelCase:
    """One model of a kind, the same whatever other kinds there are. of: UnsignedNet for one of uint8."""
    net = of(f"{kind}_{seed}", np.random.default_rng(seed))
    outputs = _MAKERS[kind](net)
    if not outputs:
        outputs = list(net.writer.ops[-1].outputs)
    ops = net.writer.ops
    data = net.finish(outputs)
    text = " ".join(f"{op.kind}{list(net.shape(op.outputs[0]))}" for op in ops)
    return ModelCase(net.writer.name, seed, data, text, tuple(net.spec(i) for i in net.inputs))


def _single_image(layer: Callable[[Net, int], list[int]]) -> Callable[[Net], list[int]]:
    return lambda net: layer(net, net.image())


def _single(layer: Callable[[Net, int], list[int]]) -> Callable[[Net], list[int]]:
    return lambda net: layer(net, _any_input(net))


def _any_input(net: Net) -> int:
    """An input of rank 1 to 4, mostly an image."""
    rank = net.pick((2, 2, 3, 4, 4, 4))
    shape = (1, *(net.size(1, 9) for _ in range(rank - 2)), net.pick(CHANNELS))
    return net.input(shape)


_MAKERS: dict[str, Callable[[Net], list[int]]] = {
    **{name: _single_image(layer) for name, layer in IMAGE_LAYERS.items()},
    **{name: _single(layer) for name, layer in LAYERS.items()},
    "transpose_all": _single(transpose_all),
    **{name: _single(layer) for name, layer in (FUNCTIONS | LITERT_FUNCTIONS).items()},
    **GRAPHS,
}

#: Every single op and every pattern, in the order of the seeds.
KINDS = tuple(_MAKERS)


def _sample(rng: np.random.Generator, spec: TensorSpec, index: int) -> Array:
    if spec.dtype == "float32":
        # multiples of 1/64 hit many halves exactly; a few are far out of range
        values = rng.integers(-640, 641, spec.shape) / 64
        return (values * rng.choice([1, 1, 1, 50], spec.shape)).astype(np.float32)
    if spec.dtype == "uint8":
        signed = _sample(rng, replace(spec, dtype="int8", zero_points=(spec.zero_point - 128,)), index)
        return signed.view(np.uint8) ^ np.uint8(0x80)
    if index == 1:
        return np.full(spec.shape, -128, np.int8)
    if index == 2:
        return np.full(spec.shape, 127, np.int8)
    if index == 3:
        return np.full(spec.shape, spec.zero_point, np.int8)
    return rng.integers(-128, 128, spec.shape).astype(np.int8)
