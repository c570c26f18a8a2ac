"""Keras layers of few levels: the same arithmetic as in PyTorch, learned, saved, and exported as trained."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.stub_model import needs_qemu
from tinyc import qat
from tinyc.cli import run
from tinyc.errors import ModelError
from tinyc.frontends import load_tflite
from tinyc.ops.weighted import Weighted
from tinyc.qat.ranges import quant_of_range, rounded
from tinyc.verify.judge import judge

if find_spec("keras") is None or find_spec("torch") is None:
    pytest.skip("keras and torch are not installed", allow_module_level=True)
# other tests start processes of TensorFlow, whose backend is not this one
_before = os.environ.get("KERAS_BACKEND")
os.environ["KERAS_BACKEND"] = "torch"
import keras  # noqa: E402
import torch  # noqa: E402

os.environ.pop("KERAS_BACKEND")
if _before is not None:
    os.environ["KERAS_BACKEND"] = _before

from tinyc.qat.keras import (  # noqa: E402
    FakeQuant,
    Ramp,
    TernaryConv1D,
    TernaryConv2D,
    TernaryDense,
    TernaryDepthwiseConv1D,
    TernaryDepthwiseConv2D,
)
from tinyc.qat.torch import BitConv1d, BitConv2d, BitLinear  # noqa: E402

torch.set_num_threads(1)
# of Keras itself, between PyTorch and numpy
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
layers = keras.layers
needs_tensorflow = pytest.mark.skipif(find_spec("tensorflow") is None, reason="tensorflow is not installed")
OPTIONS = pytest.mark.parametrize(
    "options",
    [
        {},
        {"scale": "mean"},
        {"per_channel": True},
        {"scale": "mean", "per_channel": True},
        {"levels": "int2"},
        {"levels": "int8"},
    ],
    ids=lambda options: "-".join(map(str, options.values())) or "default",
)


def numbers(*shape: int, seed: int = 0, scale: float = 1.0) -> Any:
    return np.random.default_rng(seed).normal(0, scale, shape).astype(np.float32)


def as_numpy(x: Any) -> Any:
    return keras.ops.convert_to_numpy(keras.ops.convert_to_tensor(x))


@OPTIONS
@pytest.mark.parametrize(
    ("inputs", "outputs", "kernel", "stride"), [(3, 7, 3, 2), (9, 33, 1, 1), (8, 31, 5, 1)]
)
def test_convolutions_are_those_of_pytorch(
    options: dict[str, Any], inputs: int, outputs: int, kernel: int, stride: int
) -> None:
    weights, bias, x = (
        numbers(outputs, inputs, kernel, kernel, scale=0.1),
        numbers(outputs),
        numbers(2, inputs, 9, 11),
    )
    theirs = BitConv2d(inputs, outputs, kernel, stride, **options)
    theirs.weight.data, theirs.bias.data = torch.tensor(weights), torch.tensor(bias)
    ours = TernaryConv2D(outputs, kernel, strides=stride, **options)
    ours.build((None, 9, 11, inputs))
    ours.kernel.assign(weights.transpose(2, 3, 1, 0))
    ours.bias.assign(bias)
    for layer in (theirs, ours):
        layer.input_quant.span(-2.0, 2.5)
    found = as_numpy(ours(x.transpose(0, 2, 3, 1)))
    wanted = theirs.eval()(torch.tensor(x)).detach().numpy().transpose(0, 2, 3, 1)
    np.testing.assert_allclose(found, wanted, atol=1e-5)
    np.testing.assert_allclose(
        as_numpy(ours.rounded_kernel()), ours.steps.rounded(as_numpy(ours.kernel), 3), atol=1e-7
    )


@OPTIONS
def test_depthwise_layers_are_those_of_pytorch(options: dict[str, Any]) -> None:
    weights, x = numbers(18, 1, 3, 3, scale=0.1), numbers(2, 9, 8, 7)
    theirs = BitConv2d(9, 18, 3, groups=9, bias=False, **options)
    theirs.weight.data = torch.tensor(weights)
    ours = TernaryDepthwiseConv2D(3, depth_multiplier=2, use_bias=False, **options)
    ours.build((None, 8, 7, 9))
    ours.kernel.assign(weights.reshape(9, 2, 3, 3).transpose(2, 3, 0, 1))
    for layer in (theirs, ours):
        layer.input_quant.span(-3.0, 3.0)
    wanted = theirs.eval()(torch.tensor(x)).detach().numpy().transpose(0, 2, 3, 1)
    np.testing.assert_allclose(as_numpy(ours(x.transpose(0, 2, 3, 1))), wanted, atol=1e-5)


@OPTIONS
@pytest.mark.parametrize(
    ("padding", "stride", "dilation"), [("causal", 1, 2), ("valid", 2, 1), ("causal", 2, 1)]
)
def test_convolutions_of_sequences_are_those_of_pytorch(
    options: dict[str, Any], padding: str, stride: int, dilation: int
) -> None:
    weights, bias, x = numbers(7, 5, 3, scale=0.1), numbers(7), numbers(2, 5, 20)
    theirs = BitConv1d(5, 7, 3, stride, dilation=dilation, **options)
    theirs.weight.data, theirs.bias.data = torch.tensor(weights), torch.tensor(bias)
    ours = TernaryConv1D(7, 3, strides=stride, dilation_rate=dilation, padding=padding, **options)
    ours.build((None, 20, 5))
    ours.kernel.assign(weights.transpose(2, 1, 0))
    ours.bias.assign(bias)
    for layer in (theirs, ours):
        layer.input_quant.span(-2.0, 2.5)
    before = 2 * dilation if padding == "causal" else 0
    wanted = theirs.eval()(torch.nn.functional.pad(torch.tensor(x), (before, 0))).detach().numpy()
    found = as_numpy(ours(x.transpose(0, 2, 1)))
    np.testing.assert_allclose(found, wanted.transpose(0, 2, 1), atol=1e-5)


@OPTIONS
def test_depthwise_layers_of_sequences_are_those_of_pytorch(options: dict[str, Any]) -> None:
    weights, x = numbers(18, 1, 3, scale=0.1), numbers(2, 9, 12)
    theirs = BitConv1d(9, 18, 3, groups=9, bias=False, **options)
    theirs.weight.data = torch.tensor(weights)
    ours = TernaryDepthwiseConv1D(3, depth_multiplier=2, use_bias=False, **options)
    ours.build((None, 12, 9))
    ours.kernel.assign(weights.reshape(9, 2, 3).transpose(2, 0, 1))
    for layer in (theirs, ours):
        layer.input_quant.span(-3.0, 3.0)
    wanted = theirs.eval()(torch.tensor(x)).detach().numpy().transpose(0, 2, 1)
    np.testing.assert_allclose(as_numpy(ours(x.transpose(0, 2, 1))), wanted, atol=1e-5)


@OPTIONS
def test_dense_layers_are_those_of_pytorch_and_learn_alike(options: dict[str, Any]) -> None:
    weights, bias, x = numbers(10, 33, scale=0.1), numbers(10), numbers(4, 33)
    theirs = BitLinear(33, 10, **options)
    theirs.weight.data, theirs.bias.data = torch.tensor(weights), torch.tensor(bias)
    ours = TernaryDense(10, **options)
    ours.build((None, 33))
    ours.kernel.assign(weights.T)
    ours.bias.assign(bias)
    for layer in (theirs, ours):
        layer.input_quant.span(-1.0, 1.5)
    wanted = theirs.eval()(torch.tensor(x))
    found = ours(torch.tensor(x))
    np.testing.assert_allclose(as_numpy(found), wanted.detach().numpy(), atol=1e-5)
    for answer in (wanted, found):
        (answer**2).sum().backward()
    gradient = ours.kernel.value.grad.cpu().numpy()
    np.testing.assert_allclose(gradient.T, theirs.weight.grad, rtol=1e-4, atol=1e-4)
    assert np.abs(gradient).sum() > 0


def test_ranges_move_in_training_alone() -> None:
    quant = FakeQuant(momentum=0.5)
    x = numbers(8, 5)
    assert (as_numpy(quant(x)) == x).all()
    quant(x, training=True)
    quant(2 * x, training=True)
    low, high = 1.5 * x.min(), 1.5 * x.max()
    assert (float(as_numpy(quant.low)), float(as_numpy(quant.high))) == pytest.approx((low, high), rel=1e-5)
    qat.freeze_ranges(keras.Sequential([quant]))
    quant(9 * x, training=True)
    assert float(as_numpy(quant.high)) == pytest.approx(high, rel=1e-5)
    np.testing.assert_allclose(as_numpy(quant(x)), rounded(x, quant_of_range(low, high)), atol=1e-6)


def network() -> Any:
    """A residual block, a depthwise layer, pooling, an activation inside a layer, a softmax."""
    image = keras.Input((16, 16, 3), name="image")
    x = layers.Conv2D(16, 3, strides=2, padding="same", use_bias=False, name="stem")(image)
    x = skip = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Conv2D(16, 3, padding="same", activation="relu", name="a")(x)
    x = layers.Conv2D(16, 3, padding="same", use_bias=False, name="b")(x)
    x = layers.ReLU()(layers.Add()([layers.BatchNormalization(name="norm_b")(x), skip]))
    x = layers.DepthwiseConv2D(3, padding="same", activation="relu", name="depthwise")(x)
    x = layers.Activation("relu")(layers.Conv2D(40, 1, name="c")(x))
    x = layers.Dropout(0.1)(layers.AveragePooling2D(2)(x))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, layers.Dense(4, activation="softmax", name="head")(x))


def data(count: int = 64) -> tuple[Any, Any]:
    x, y = numbers(count, 16, 16, 3), np.arange(count) % 4
    for image, quarter in zip(x, y, strict=True):
        image[8 * (quarter // 2) :, 8 * (quarter % 2) :] += 1
    return x, y


@pytest.fixture(scope="module")
def model() -> Any:
    keras.utils.set_random_seed(0)
    made = qat.convert(network())
    made.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy")
    x, y = data()
    made.found = made.fit(x, y, batch_size=64, epochs=50, verbose=0, callbacks=[Ramp(25, 5)]).history["loss"]
    return made


def test_fifty_steps_reduce_the_loss(model: Any) -> None:
    assert np.mean(model.found[-5:]) < 0.7 * np.mean(model.found[:5])


def test_what_stays_int8(model: Any) -> None:
    levels = {layer.name: layer.levels for layer in model.layers if hasattr(layer, "levels")}
    kept = dict.fromkeys(("stem", "depthwise", "head"), "int8")
    assert levels == {**dict.fromkeys(("a", "b", "c"), "ternary"), **kept}


def test_a_converted_model_begins_as_the_float_one_and_calibrates() -> None:
    keras.utils.set_random_seed(1)
    net = network()
    made = qat.convert(net, keep=())
    x, _ = data(8)
    qat.set_share(made, 0.0)
    np.testing.assert_allclose(made.predict(x, verbose=0), net.predict(x, verbose=0), atol=1e-5)
    qat.calibrate(made, x)
    off = np.abs(made.predict(x, verbose=0) - net.predict(x, verbose=0)).max()
    assert 0 < off < 0.02


def test_a_saved_model_is_the_same(model: Any, tmp_path: Path) -> None:
    model.save(tmp_path / "net.keras")
    read = keras.saving.load_model(tmp_path / "net.keras")
    x, _ = data(4)
    assert (read.predict(x, verbose=0) == model.predict(x, verbose=0)).all()


@needs_tensorflow
@needs_qemu
@pytest.mark.emulator
def test_file_is_what_was_trained_on_a_board_too(model: Any, tmp_path: Path) -> None:
    path = tmp_path / "net.tflite"
    content = qat.export(model, path)
    graph = load_tflite(content, "net", "litert")
    found = {
        w.type.shape: w for op in graph.ops if isinstance(op, Weighted) for w in [graph.tensors[op.weights]]
    }
    layer = model.get_layer("c")
    weights = found[40, 1, 1, 16]
    real = np.asarray(weights.data) * np.float32(weights.type.q.scales).reshape(-1, 1, 1, 1)
    assert (real == as_numpy(layer.rounded_kernel()).transpose(3, 0, 1, 2)).all()
    assert set(np.unique(weights.data)) == {-64, 0, 64}
    x, _ = data(16)
    answer = judge(content, (x[:, None],), "litert")
    if answer is not None:
        off = np.abs(answer.outputs[0].reshape(16, 4) - model.predict(x, verbose=0)) * 256
        assert off.max() < 4 and (off > 1).mean() < 0.1
    assert run(["run", str(path), "--board", "mps2-an386", "--samples", "2", "--quiet"]) == 0


@needs_tensorflow
@pytest.mark.parametrize("act", ["silu", "gelu", "hard_swish", "sigmoid", "tanh", "relu6"])
def test_activations_and_gates_are_bytes_in_the_file(act: str) -> None:
    keras.utils.set_random_seed(0)
    image = keras.Input((8, 8, 3))
    x = layers.Conv2D(32, 3, activation=act)(image)
    gate = layers.Dense(32, activation="sigmoid")(layers.GlobalAveragePooling2D()(x))
    x = layers.Multiply()([x, layers.Reshape((1, 1, 32))(gate)])
    x = layers.Activation(act)(layers.Conv2D(32, 3)(x))
    made = qat.convert(keras.Model(image, layers.Dense(4)(layers.GlobalAveragePooling2D()(x))))
    x = numbers(16, 8, 8, 3)
    qat.calibrate(made, x)
    content = qat.export(made)
    graph = load_tflite(content, "net", "litert")
    floats = [op for op in graph.ops[:-1] if graph.type(op.outputs[0]).dtype != "int8"]
    assert not floats, floats
    answer = judge(content, (x[:, None],), "litert")
    if answer is not None:
        scale = graph.type(graph.ops[-1].inputs[0]).q.scale
        off = np.abs(answer.outputs[0].reshape(16, 4) - made.predict(x, verbose=0)) / scale
        assert off.max() < 6 and (off > 1.01).mean() < 0.3


@needs_tensorflow
def test_sequences_are_ternary_in_the_file(tmp_path: Path) -> None:
    keras.utils.set_random_seed(0)
    sound = keras.Input((40, 6))
    x = layers.Conv1D(24, 3, padding="causal", activation="relu")(sound)
    x = layers.ReLU()(layers.BatchNormalization()(layers.Conv1D(24, 3, padding="causal", dilation_rate=2)(x)))
    x = layers.DepthwiseConv1D(5, padding="same", activation="relu")(x)
    x = layers.MaxPooling1D(2)(layers.Conv1D(32, 1, activation="relu")(x))
    made = qat.convert(
        keras.Model(sound, layers.Dense(4)(layers.GlobalAveragePooling1D()(x))), keep=("first", "last")
    )
    assert [x.levels for x in made.layers if hasattr(x, "levels")] == ["int8", *["ternary"] * 3, "int8"]
    x = numbers(16, 40, 6)
    qat.calibrate(made, x)
    made.save(tmp_path / "net.keras")
    read = keras.saving.load_model(tmp_path / "net.keras")
    assert (read.predict(x, verbose=0) == made.predict(x, verbose=0)).all()
    content = qat.export(made)
    graph = load_tflite(content, "net", "litert")
    weights = [graph.tensors[op.weights].data for op in graph.ops if isinstance(op, Weighted)]
    assert sum(set(np.unique(w)) == {-64, 0, 64} for w in weights) == 3
    answer = judge(content, (x[:, None],), "litert")
    if answer is not None:
        off = answer.outputs[0].reshape(16, 4) - made.predict(x, verbose=0)
        scale = graph.type(graph.ops[-1].inputs[0]).q.scale
        assert np.abs(off).max() < 3.01 * scale


@needs_tensorflow
@pytest.mark.parametrize("rank", [1, 2])
def test_separable_convolutions_are_two_layers(rank: int) -> None:
    keras.utils.set_random_seed(0)
    kind = layers.SeparableConv1D if rank == 1 else layers.SeparableConv2D
    pool = layers.GlobalAveragePooling1D if rank == 1 else layers.GlobalAveragePooling2D
    seen = keras.Input((12,) * rank + (8,))
    x = kind(32, 3, strides=2, padding="same", use_bias=False, name="one")(seen)
    x = kind(32, 3, depth_multiplier=2, activation="relu", name="two")(layers.BatchNormalization()(x))
    net = keras.Model(seen, layers.Dense(4, name="head")(pool()(x)))
    made = qat.convert(net)
    levels = {layer.name: layer.levels for layer in made.layers if hasattr(layer, "levels")}
    kept = dict.fromkeys(("one_depthwise", "one", "two_depthwise", "head"), "int8")
    assert levels == {**kept, "two": "ternary"}
    x = numbers(16, *[12] * rank, 8)
    qat.set_share(made, 0.0)
    np.testing.assert_allclose(made.predict(x, verbose=0), net.predict(x, verbose=0), atol=1e-5)
    qat.set_share(made, 1.0)
    qat.calibrate(made, x)
    content = qat.export(made)
    graph = load_tflite(content, "net", "litert")
    weights = [graph.tensors[op.weights].data for op in graph.ops if isinstance(op, Weighted)]
    assert [set(np.unique(w)) == {-64, 0, 64} for w in weights] == [False, False, False, True, False]
    answer = judge(content, (x[:, None],), "litert")
    if answer is not None:
        off = answer.outputs[0].reshape(16, 4) - made.predict(x, verbose=0)
        assert np.abs(off).max() < 3.01 * graph.type(graph.ops[-1].inputs[0]).q.scale


@needs_tensorflow
def test_padding_that_the_converter_makes_part_of_a_layer() -> None:
    """As MobileNets have it before layers of stride 2."""
    image = keras.Input((16, 16, 3))
    x = layers.ReLU(6.0)(layers.BatchNormalization()(layers.Conv2D(32, 1, use_bias=False)(image)))
    x = layers.ZeroPadding2D(((0, 1), (0, 1)))(x)
    x = layers.ReLU(6.0)(layers.DepthwiseConv2D(3, strides=2)(x))
    made = qat.convert(keras.Model(image, layers.Dense(4)(layers.GlobalAveragePooling2D()(x))))
    qat.calibrate(made, numbers(4, 16, 16, 3))
    graph = load_tflite(qat.export(made), "net", "litert")
    kinds = [op.kind for op in graph.ops]
    assert kinds == ["quantize", "conv2d", "depthwise_conv2d", "mean", "fully_connected", "dequantize"]


@pytest.mark.parametrize("kind", ["sequential", "functional"])
def test_a_model_inside_the_model_is_its_layers(kind: str) -> None:
    """As a trained trunk with a head of one's own."""
    keras.utils.set_random_seed(0)
    inner = [
        keras.Input((8, 8, 24)),
        layers.Conv2D(24, 3, name="inner"),
        layers.BatchNormalization(),
        layers.ReLU(),
    ]
    image = keras.Input((10, 10, 3))
    x = layers.Conv2D(24, 3, activation="relu", name="stem")(image)
    part = keras.Sequential([*inner, keras.Sequential([layers.GlobalAveragePooling2D()])])
    if kind == "functional":
        part = keras.Model(part.inputs[0], part.outputs[0])
    net = keras.Model(image, layers.Dense(4, name="head")(part(x, training=False)))
    made = qat.convert(net)
    levels = {layer.name: layer.levels for layer in made.layers if hasattr(layer, "levels")}
    assert levels == {"stem": "int8", "inner": "ternary", "head": "int8"}
    x = numbers(8, 10, 10, 3)
    qat.set_share(made, 0.0)
    np.testing.assert_allclose(made.predict(x, verbose=0), net.predict(x, verbose=0), atol=1e-5)


def test_what_cannot_be_converted_is_told() -> None:
    class Own(keras.Model):  # type: ignore[misc]
        """A model whose layers are code."""

        def call(self, x: Any) -> Any:
            return x

    with pytest.raises(ModelError, match="only functional and sequential models"):
        qat.convert(Own())
    with pytest.raises(ModelError, match="its input has no shape yet"):
        qat.convert(keras.Sequential([layers.Dense(3)]))
    with pytest.raises(ModelError, match="'code' is a Lambda layer"):
        qat.convert(keras.Sequential([keras.Input((4,)), layers.Dense(4), layers.Lambda(abs, name="code")]))
    same = [keras.Sequential([keras.Input((4,)), layers.Dense(4, name="same")]) for _ in range(2)]
    with pytest.raises(ModelError, match="two layers called 'same'"):
        qat.convert(keras.Sequential([keras.Input((4,)), *same]))
    normal = [keras.Input((4,)), layers.Dense(4), layers.LayerNormalization(name="norm"), layers.Dense(4)]
    with pytest.raises(ModelError, match=r"inside of 'norm' \(LayerNormalization\): the INT8 file"):
        qat.convert(keras.Sequential(normal))
    x, twice = keras.Input((4,)), layers.Dense(4, name="twice")
    with pytest.raises(ModelError, match="'twice' is called more than once"):
        qat.convert(keras.Model(x, twice(twice(x))))
    with pytest.raises(ModelError, match="no Conv1D, Conv2D"):
        qat.convert(keras.Sequential([keras.Input((4,)), layers.ReLU()]))
