"""PyTorch modules of few levels: they compute what tinyc.qat.weights says, learn, and are exported as trained."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.stub_model import needs_qemu  # noqa: E402 - they need torch
from tinyc import qat  # noqa: E402
from tinyc.cli import run  # noqa: E402
from tinyc.errors import ModelError, UsageError  # noqa: E402
from tinyc.frontends import load_tflite  # noqa: E402
from tinyc.ops.mean import Mean  # noqa: E402
from tinyc.ops.weighted import Weighted  # noqa: E402
from tinyc.qat.ranges import moved, quant_of_range, rounded  # noqa: E402
from tinyc.qat.torch import BitConv2d, BitLinear, FakeQuant  # noqa: E402
from tinyc.qat.torch.layers import Rounding  # noqa: E402
from tinyc.verify.judge import judge  # noqa: E402

nn = torch.nn
torch.set_num_threads(1)
needs_onnx = pytest.mark.skipif(
    not all(map(find_spec, ("onnx", "onnxscript", "ai_edge_litert"))),
    reason="the extra onnx is not installed",
)


class Net(nn.Module):  # type: ignore[misc,name-defined]
    """Convolutions of every kind, a residual sum, a concatenation, pooling and a dense layer."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.norm = nn.Conv2d(3, 16, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(16)
        self.a, self.norm_a = nn.Conv2d(16, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16)
        self.depthwise = nn.Conv2d(16, 16, 3, padding=1, groups=16)
        self.b = nn.Conv2d(32, 40, 1)
        self.pool, self.head = nn.AdaptiveAvgPool2d(1), nn.Linear(40, 10)

    def forward(self, x: Any) -> Any:
        x = torch.relu(self.norm(self.stem(x)))
        x = torch.relu(self.norm_a(self.a(x)) + x)
        x = torch.cat([x, torch.relu(self.depthwise(x))], dim=1)
        x = nn.functional.avg_pool2d(torch.relu(self.b(x)), 2)
        return self.head(self.pool(nn.functional.dropout(x, 0.1, self.training)).flatten(1))


def data(count: int = 64) -> tuple[Any, Any]:
    """Pictures, brighter in one of four quarters: which one is the class."""
    rng = torch.Generator().manual_seed(0)
    x, y = torch.randn(count, 3, 16, 16, generator=rng), torch.arange(count) % 4
    for image, quarter in zip(x, y.tolist(), strict=True):
        image[:, 8 * (quarter // 2) :, 8 * (quarter % 2) :] += 1
    return x, y


def trained(
    model: Any, steps: int = 50, rate: float = 3e-3, samples: tuple[Any, Any] | None = None
) -> list[float]:
    x, y = samples or data()
    optimizer = torch.optim.Adam(model.parameters(), rate)
    losses = []
    model.train()
    for step in range(steps):
        qat.set_share(model, qat.ramp(step, 5, 25))
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    return losses


@pytest.fixture(scope="module")
def model() -> Any:
    torch.manual_seed(0)
    made = qat.convert(Net())
    made.losses = trained(made)
    return made


@pytest.mark.parametrize("levels", ["ternary", "int2", "int8"])
@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize("scale", ["median", "mean"])
@pytest.mark.parametrize("shape", [(7, 3, 3, 3), (33, 1, 1, 9), (8, 4, 1, 1)])
def test_weights_are_those_of_the_formula(
    levels: str, per_channel: bool, scale: str, shape: tuple[int, ...]
) -> None:
    outputs, inputs, *kernel = shape
    torch.manual_seed(1)
    layer = BitConv2d(
        inputs,
        outputs,
        tuple(kernel),
        levels=levels,
        scale=scale,
        per_channel=per_channel,
        quantize_input=False,
    )
    plain = layer.weight.detach().numpy()
    np.testing.assert_allclose(layer.step(), layer.steps.step(plain, 0), rtol=1e-6)
    np.testing.assert_allclose(layer.rounded_weight().detach(), layer.steps.rounded(plain, 0), rtol=1e-6)
    qat.set_share(layer, 0.25)
    wanted = 0.25 * layer.steps.rounded(plain, 0) + 0.75 * plain
    np.testing.assert_allclose(layer.rounded_weight().detach(), wanted, rtol=1e-5, atol=1e-7)


def test_ranges_are_learned_and_round_as_bytes() -> None:
    quant, known = FakeQuant(momentum=0.9), (0.0, 0.0)
    x = torch.randn(20, 40, generator=torch.Generator().manual_seed(2))
    assert (FakeQuant().eval()(x) == x).all()  # nothing is known yet
    for number, part in enumerate(x):
        quant(part)
        known = moved(known, (float(part.min()), float(part.max())), number, 0.9)
    assert (float(quant.low), float(quant.high)) == pytest.approx(known, rel=1e-5)
    qat.freeze_ranges(quant)
    quant(100 * x)
    assert float(quant.high) == pytest.approx(known[1], rel=1e-5)
    wanted = rounded(x.numpy(), quant_of_range(float(quant.low), float(quant.high)))
    np.testing.assert_allclose(quant.eval()(x), wanted, atol=1e-6)


def test_gradients_pass_rounding_and_stop_at_the_ends() -> None:
    layer = BitLinear(6, 5)
    x = torch.linspace(-2, 2, 6, requires_grad=True)
    layer.input_quant.span(-1.0, 1.0)
    layer.eval()(x).sum().backward()
    weights = layer.rounded_weight().detach()
    inside = (x.detach().abs() < 1).float()
    assert torch.allclose(x.grad, weights.sum(0) * inside)
    seen = layer.input_quant(x.detach())
    assert torch.allclose(layer.weight.grad, seen.expand(5, 6)) and layer.weight.grad.abs().sum() > 0


def test_what_stays_int8_and_where_scales_are(model: Any) -> None:
    levels = {name: m.levels for name, m in model.named_modules() if isinstance(m, BitConv2d | BitLinear)}
    assert levels == {"stem": "int8", "a": "ternary", "depthwise": "int8", "b": "ternary", "head": "int8"}
    scales = [name for name, m in model.named_modules() if isinstance(m, FakeQuant)]
    assert len(scales) == 8  # input, stem, a, sum, cat, b, averages, head
    assert all(
        np.isin(np.unique(m.rounded_weight().detach() / m.step()), (-1, 0, 1)).all()
        for m in (model.a, model.b)
    )


def test_fifty_steps_reduce_the_loss(model: Any) -> None:
    assert np.mean(model.losses[-5:]) < 0.5 * np.mean(model.losses[:5])


def test_a_converted_model_begins_as_the_float_one() -> None:
    torch.manual_seed(3)
    net = Net().eval()
    made = qat.convert(net, keep=(), per_channel=True)
    x, _ = data(8)
    qat.set_share(made, 0.0)
    assert torch.allclose(made(x), net(x), atol=1e-5)
    qat.calibrate(made, x)
    assert 0 < (made(x) - net(x)).abs().max() < 0.1 * net(x).abs().max()
    assert not isinstance(net.stem, BitConv2d)


def outputs_of(content: bytes, x: Any) -> Any:
    found = judge(content, (np.ascontiguousarray(x.permute(0, 2, 3, 1).numpy())[:, None],), "litert")
    assert found is not None
    return found.outputs[0].reshape(len(x), -1)


@needs_onnx
def test_file_has_the_weights_that_were_trained_and_answers_alike(model: Any) -> None:
    content = qat.export(model, sample=(1, 3, 16, 16))
    graph = load_tflite(content, "net", "litert")
    assert any(isinstance(op, Mean) for op in graph.ops)  # no layer of equal weights
    found = [graph.tensors[op.weights] for op in graph.ops if isinstance(op, Weighted)]
    for layer, norm in ((model.a, model.norm_a), (model.b, None)):
        weights = next(
            w for w in found if w.type.shape[0] == len(layer.weight) and w.type.shape[3] == layer.in_channels
        )
        factor = (
            1.0 if norm is None else (norm.weight / torch.sqrt(norm.running_var + norm.eps)).detach().numpy()
        )
        real = np.asarray(weights.data) * np.float32(weights.type.q.scales).reshape(-1, 1, 1, 1)
        wanted = layer.rounded_weight().detach().permute(0, 2, 3, 1).numpy() * np.reshape(
            factor, (-1, 1, 1, 1)
        )
        np.testing.assert_allclose(real, wanted, rtol=2e-6)
        assert set(np.unique(weights.data)) == {-64, 0, 64}
    x, _ = data(16)
    step = float(model.scale_head.grid()[0])
    off = (outputs_of(content, x) - model(x).detach().numpy()) / step
    assert np.abs(off).max() < 2.01 and (np.abs(off) > 0.5).mean() < 0.25


@needs_onnx
@needs_qemu
@pytest.mark.emulator
def test_firmware_equals_the_runtime(model: Any, tmp_path: Path) -> None:
    qat.export(model, tmp_path / "net.tflite", sample=np.zeros((1, 3, 16, 16), np.float32))
    assert (
        run(["run", str(tmp_path / "net.tflite"), "--board", "mps2-an386", "--samples", "2", "--quiet"]) == 0
    )


def listener() -> Any:
    """Causal, strided, dilated and depthwise convolutions of a sequence [3, 32]."""
    return nn.Sequential(
        nn.ConstantPad1d((2, 0), 0.0),
        nn.Conv1d(3, 24, 3, bias=False),
        nn.BatchNorm1d(24),
        nn.ReLU(),
        nn.Conv1d(24, 24, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv1d(24, 24, 5, padding=4, dilation=2, groups=24),
        nn.ReLU(),
        nn.Conv1d(24, 32, 1),
        nn.ReLU(),
        nn.AdaptiveAvgPool1d(1),
        nn.Flatten(),
        nn.Linear(32, 4),
    )


@needs_onnx
def test_sequences_are_ternary_too() -> None:
    """The classes are tones of four frequencies."""
    torch.manual_seed(6)
    made = qat.convert(listener(), keep=("first", "last"))
    levels = [m.levels for m in made.modules() if isinstance(m, Rounding)]
    assert levels == ["int8", "ternary", "ternary", "ternary", "int8"]
    y = torch.arange(64) % 4
    x = torch.sin(
        (y + 1).reshape(-1, 1, 1) * torch.arange(32) * torch.tensor([0.2, 0.25, 0.3]).reshape(1, 3, 1)
    )
    losses = trained(made, rate=3e-2, samples=(x, y))
    assert losses[-1] < 0.5 * losses[0]
    content = qat.export(made, sample=x[:1])
    graph = load_tflite(content, "net", "litert")
    weights = [graph.tensors[op.weights].data for op in graph.ops if isinstance(op, Weighted)]
    assert sum(set(np.unique(w)) == {-64, 0, 64} for w in weights) == 3
    found = judge(content, (np.ascontiguousarray(x.permute(0, 2, 1).numpy())[:, None],), "litert")
    assert found is not None
    off = found.outputs[0].reshape(64, 4) - made(x).detach().numpy()
    assert np.abs(off).max() < 2.01 * float(list(quants(made))[-1].grid()[0])


def quants(model: Any) -> Any:
    return (m for m in model.modules() if isinstance(m, FakeQuant))


class Between(nn.Module):  # type: ignore[misc,name-defined]
    """What a function makes of a convolution's output is read by the next."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self.a, self.b, self.function = nn.Conv2d(3, 16, 3), nn.Conv2d(16, 8, 1), function

    def forward(self, x: Any) -> Any:
        return self.b(self.function(self.a(x)))


def halves(x: Any) -> Any:
    a, b = x.chunk(2, dim=1)
    return torch.cat([b * 0.5, torch.relu(a)], dim=1)


FUNCTIONS = {
    "elu": nn.ELU(),
    "selu": nn.SELU(),
    "celu": nn.CELU(),
    "softplus": nn.Softplus(),
    "mish": nn.Mish(),
    "softsign": nn.Softsign(),
    "softshrink": nn.Softshrink(),
    "sine": torch.sin,
    "where": lambda x: torch.where(x > 0, x, 0.1 * x),
    "halves": halves,
}


@needs_onnx
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_a_tensor_are_tables_and_halves_have_its_scale(name: str) -> None:
    torch.manual_seed(7)
    made = qat.convert(Between(FUNCTIONS[name]).eval(), keep=())
    x, _ = data(16)
    qat.calibrate(made, x)
    found = judge(
        qat.export(made, sample=x[:1]),
        (np.ascontiguousarray(x.permute(0, 2, 3, 1).numpy())[:, None],),
        "litert",
    )
    assert found is not None
    off = found.outputs[0].reshape(16, 14, 14, 8) - made(x).detach().permute(0, 2, 3, 1).numpy()
    steps = np.abs(off) / float(list(quants(made))[-1].grid()[0])
    assert steps.max() < 4 and (steps > 1.01).mean() < 0.01


@needs_onnx
def test_an_answer_of_whole_numbers_has_no_scale() -> None:
    torch.manual_seed(8)
    made = qat.convert(
        nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 1), Largest()).eval(), keep=()
    )
    x, _ = data(4)
    qat.calibrate(made, x)
    graph = load_tflite(qat.export(made, sample=x[:1]), "net", "litert")
    assert [op.kind for op in graph.ops][-1] == "arg_max"


class Largest(nn.Module):  # type: ignore[misc,name-defined]
    """Which channel is the largest."""

    def forward(self, x: Any) -> Any:
        return x.argmax(1)


@pytest.mark.filterwarnings("ignore:.*weight_norm. is deprecated:FutureWarning")
@needs_onnx
@pytest.mark.parametrize(
    "norm",
    [
        nn.utils.weight_norm,
        nn.utils.spectral_norm,
        nn.utils.parametrizations.weight_norm,
        nn.utils.parametrizations.spectral_norm,
    ],
    ids=["weight_norm", "spectral_norm", "weight_norm_parametrized", "spectral_norm_parametrized"],
)
def test_weights_that_are_normalized_begin_as_they_are(norm: Any) -> None:
    torch.manual_seed(9)
    net = nn.Sequential(
        norm(nn.Conv1d(3, 24, 3)), nn.ReLU(), norm(nn.Conv1d(24, 24, 3)), nn.ReLU(), nn.Conv1d(24, 4, 1)
    )
    x = torch.randn(8, 3, 20)
    net(x)  # computes the weights
    net.eval()
    made = qat.convert(net)
    qat.set_share(made, 0.0)
    assert torch.allclose(made(x), net(x), atol=1e-5)
    qat.calibrate(made, x)
    qat.export(made, sample=x[:1])
    assert all(parameter.is_leaf for parameter in made.parameters())


@needs_onnx
def test_what_pytorch_cannot_export_is_told() -> None:
    made = qat.convert(Between(nn.Threshold(0.1, 0.0)).eval())
    qat.calibrate(made, data(4)[0])
    with pytest.raises(ModelError, match="PyTorch cannot export GraphModule to ONNX: Unsupported"):
        qat.export(made, sample=(1, 3, 16, 16))


@needs_onnx
def test_a_model_built_by_hand() -> None:
    torch.manual_seed(4)
    made = nn.Sequential(
        BitConv2d(3, 8, 3, levels="int8"),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Flatten(),
        BitLinear(8 * 14 * 14, 4),
        FakeQuant(),
    )
    assert np.mean(trained(made, 50)[-5:]) < 1.0
    x, _ = data(4)
    off = (outputs_of(qat.export(made, sample=x[:1]), x) - made(x).detach().numpy()) / float(
        made[5].grid()[0]
    )
    assert np.abs(off).max() < 2.01


def test_what_cannot_be_converted_or_exported_is_told() -> None:
    class Decides(nn.Module):  # type: ignore[misc,name-defined]
        """A network whose layers depend on values."""

        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(4, 4)

        def forward(self, x: Any) -> Any:
            return self.layer(x) if x.sum() > 0 else x

    layer = nn.Linear(4, 4)
    with pytest.raises(ModelError, match="'0' is called more than once"):
        qat.convert(nn.Sequential(layer, nn.ReLU(), layer))
    with pytest.raises(ModelError, match=r"torch\.fx cannot trace Decides"):
        qat.convert(Decides())
    with pytest.raises(ModelError, match="no Conv1d, Conv2d or Linear"):
        qat.convert(nn.ReLU())
    with pytest.raises(ModelError, match=r"inside of '1' \(LayerNorm\), '3' \(GroupNorm\): the INT8 file"):
        qat.convert(
            nn.Sequential(
                nn.Linear(4, 4), nn.LayerNorm(4), nn.Linear(4, 4), nn.GroupNorm(2, 4), nn.Linear(4, 2)
            )
        )
    with pytest.raises(UsageError, match="no layer is called 'haed'"):
        qat.convert(Net(), keep=("haed",))
    with pytest.raises(UsageError, match="shape of its input"):
        qat.export(qat.convert(Net()))
    with pytest.raises(ModelError, match="knows no range yet"):
        qat.export(qat.convert(Net()), sample=(1, 3, 16, 16))


@needs_onnx
def test_lines_of_the_docs_train_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs/training.md").read_text(encoding="utf-8")
    lines = page.partition("## In PyTorch")[2].partition("```python")[2].partition("```")[0]
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(5)
    x, y = data()
    names: dict[str, Any] = {"net": Net(), "batches": [(x, y)] * 20, "steps": 20}
    exec(lines, names)
    assert float(names["model"].scale_x.frozen) == 1.0 and float(names["model"].a.share) == 1.0
    off = np.abs(outputs_of((tmp_path / "net.tflite").read_bytes(), x) - names["model"](x).detach().numpy())
    assert off.max() < 2.01 * float(names["model"].scale_head.grid()[0])
