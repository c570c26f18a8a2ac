"""PyTorch models whose modules call functions with their own parameters, or do something else in training."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tinyc import qat  # noqa: E402 - it needs torch
from tinyc.frontends import load_tflite  # noqa: E402
from tinyc.ops.weighted import Weighted  # noqa: E402
from tinyc.qat.torch import BitConv2d, BitLinear  # noqa: E402
from tinyc.qat.torch.functions import trains_only  # noqa: E402
from tinyc.verify.judge import judge  # noqa: E402

nn, functional = torch.nn, torch.nn.functional
needs_onnx = pytest.mark.skipif(
    not all(map(find_spec, ("onnx", "onnxscript", "ai_edge_litert"))),
    reason="the extra onnx is not installed",
)


class NormAct(nn.BatchNorm2d):  # type: ignore[misc,name-defined]
    """A normalization with its activation, as some libraries have it."""

    def __init__(self, channels: int, act: Any) -> None:
        super().__init__(channels)
        self.act = act

    def forward(self, x: Any) -> Any:
        if self.training:
            self.num_batches_tracked.add_(1)
        x = functional.batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias, self.training, self.momentum, self.eps
        )  # fmt: skip
        return self.act(x)


class Frozen(nn.Module):  # type: ignore[misc,name-defined]
    """A normalization by statistics that stay."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("running_mean", torch.full((channels,), 0.5))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x: Any) -> Any:
        return functional.batch_norm(x, self.running_mean, self.running_var)


class OwnConv(nn.Conv2d):  # type: ignore[misc,name-defined]
    def forward(self, x: Any) -> Any:
        return functional.conv2d(x, self.weight, self.bias, self.stride, self.padding, groups=self.groups)


class Centred(nn.Conv2d):  # type: ignore[misc,name-defined]
    """A convolution whose weights are computed."""

    def forward(self, x: Any) -> Any:
        return functional.conv2d(x, self.weight - self.weight.mean(), self.bias, padding=1)


class Skip(nn.Module):  # type: ignore[misc,name-defined]
    """Stochastic depth: in training a branch is 0 now and then."""

    def forward(self, x: Any) -> Any:
        if not self.training:
            return x
        return x * (torch.rand(x.shape[0], 1, 1, 1) > 0.5)


class Net(nn.Module):  # type: ignore[misc,name-defined]
    def __init__(self, act: Any) -> None:
        super().__init__()
        self.stem, self.norm = nn.Conv2d(3, 16, 3, padding=1, bias=False), NormAct(16, act)
        self.own, self.second = OwnConv(16, 32, 1, bias=False), NormAct(32, act)
        self.branch, self.skip = OwnConv(32, 32, 3, padding=1), Skip()
        self.head, self.aux = nn.Linear(32, 40), nn.Linear(16, 4)
        self.last = nn.Linear(40, 4)

    def forward(self, x: Any) -> Any:
        first = self.norm(self.stem(x))
        x = self.second(self.own(first))
        x = x + self.skip(self.branch(x))
        x = functional.linear(x.mean((2, 3)), self.head.weight, self.head.bias)
        x = self.last(functional.dropout(torch.relu(x), 0.5, self.training))
        return (x, self.aux(first.mean((2, 3)))) if self.training else x


def trained(model: Any, steps: int = 20) -> Any:
    x = torch.randn(16, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    model.train()
    for _ in range(steps):
        optimizer.zero_grad()
        functional.cross_entropy(model(x), torch.arange(16) % 4).backward()
        optimizer.step()
    return model.eval()


def test_functions_with_parameters_become_layers() -> None:
    net = Net(nn.ReLU())
    model = qat.convert(net)
    layers = {n: m for n, m in model.named_modules() if isinstance(m, BitConv2d | BitLinear)}
    assert {n: m.levels for n, m in layers.items()} == {
        "stem": "int8", "own": "ternary", "branch": "ternary", "head": "ternary", "last": "int8"
    }  # fmt: skip
    kept = {name: value for name, value in net.state_dict().items() if not name.startswith("aux")}
    made = model.state_dict()
    assert all(torch.equal(made[name], value) for name, value in kept.items())
    x = torch.randn(2, 3, 8, 8)
    model.eval(), net.eval(), qat.set_share(model, 0)
    np.testing.assert_allclose(model(x).detach(), net(x).detach(), atol=1e-5)


def test_training_and_its_end_are_kept_apart() -> None:
    model = qat.convert(Net(nn.ReLU()))
    before = model.norm.running_mean.clone()
    trained(model, 3)
    assert model.norm.num_batches_tracked == 3
    assert not torch.equal(before, model.norm.running_mean)
    x = torch.randn(8, 3, 8, 8)
    assert torch.equal(model(x), model(x))
    model.train()
    qat.freeze_ranges(model)
    assert not torch.equal(model(x), model(x)), "neither dropout nor stochastic depth in training"


def test_what_has_to_stay_a_function_stays_one() -> None:
    net = nn.Sequential(Centred(16, 40, 3), Frozen(40), nn.Conv2d(40, 40, 1), nn.Conv2d(40, 4, 1))
    model = qat.convert(net)
    assert [n for n, m in model.named_modules() if isinstance(m, BitConv2d)] == ["2", "3"]
    trained(nn.Sequential(model, nn.AdaptiveAvgPool2d(1), nn.Flatten(0)), 0)
    model.train()
    model(torch.randn(2, 16, 4, 4))
    frozen = model.get_submodule("1")
    assert bool((frozen.running_mean == 0.5).all()), "frozen statistics have moved"


def test_weights_that_two_calls_read_stay_functions() -> None:
    class Shared(nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Conv2d(8, 8, 3, padding=1), nn.Conv2d(8, 64, 3)

        def forward(self, x: Any) -> Any:
            for _ in range(2):
                x = functional.conv2d(x, self.a.weight, self.a.bias, padding=1)
            return self.b(x)

    model = qat.convert(Shared(), keep=())
    assert [n for n, m in model.named_modules() if isinstance(m, BitConv2d)] == ["b"]


def test_weights_of_the_model_itself_stay_functions() -> None:
    class Own(nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.weight, self.last = nn.Parameter(torch.randn(8, 64)), nn.Linear(8, 600)

        def forward(self, x: Any) -> Any:
            return self.last(functional.linear(x, self.weight))

    model = qat.convert(Own(), keep=())
    assert [n for n, m in model.named_modules() if isinstance(m, BitLinear)] == ["last"]
    assert set(dict(model.named_children())) == {"last"} | {
        n for n, _ in model.named_children() if "scale" in n
    }
    assert model(torch.randn(2, 64)).shape == (2, 600)


def test_modules_that_do_nothing_once_trained() -> None:
    assert trains_only(Skip())
    assert not any(map(trains_only, (nn.Identity(), nn.ReLU(), Frozen(3), nn.Sequential(Skip()))))


@needs_onnx
@pytest.mark.parametrize("act", [nn.ReLU(), nn.SiLU(), nn.GELU(), nn.Hardswish(), nn.Sigmoid(), nn.Tanh()])
def test_file_answers_as_the_model_does(act: Any) -> None:
    torch.manual_seed(0)
    model = trained(qat.convert(Net(act)))
    content = qat.export(model, sample=[1, 3, 8, 8])
    graph = load_tflite(content, "net", "litert")
    floats = [op for op in graph.ops[:-1] if graph.type(op.outputs[0]).dtype != "int8"]
    assert not floats, floats
    weighted = [op for op in graph.ops if isinstance(op, Weighted)]
    levels = [len(np.unique(np.abs(graph.tensors[op.weights].data))) for op in weighted]
    assert sorted(levels)[:3] == [2, 2, 2]
    assert min(levels[0], levels[-1]) > 10
    x = torch.randn(20, 3, 8, 8, generator=torch.Generator().manual_seed(5))
    wanted = model(x).detach().numpy()
    found = judge(content, (np.ascontiguousarray(x.permute(0, 2, 3, 1).numpy())[:, None],), "litert")
    assert found is not None
    made = found.outputs[0].reshape(len(x), -1)
    scale = graph.type(graph.ops[-1].inputs[0]).q.scale
    assert np.abs(made - wanted).max() <= 6 * scale
    assert np.mean(np.abs(made - wanted) <= 1.01 * scale) > 0.7
