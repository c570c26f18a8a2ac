"""One training run: one recipe for float, INT8, 2-bit and ternary weights."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from benchmarks.reproduction import data, networks
from benchmarks.reproduction.data import Data
from tinyc import qat

FORMS = ("float", "int8", "ternary-mean", "ternary-median", "int2", "ternary-all")
TASKS = ("digits", "spoken", "cifar10", "language")
#: Characters of a sequence, and those at its beginning that have seen too few to count.
LENGTH, _UNSEEN = 128, 32
#: Share of training after which the weights are all rounded, and after which ranges stay.
_RAMPED, _FROZEN = 0.3, 0.9
#: Share of training in which CIFAR-10 is seen in random crops of fewer pixels: 0.56 times the work of a step.
_CROPPED, _CROP = 0.6, 24


@dataclass(frozen=True)
class Run:
    """What is trained. rate: the largest learning rate; decay: of weights, by AdamW."""

    task: str
    form: str
    width: float
    rate: float
    decay: float
    seed: int
    epochs: int

    @property
    def name(self) -> str:
        """A name for files."""
        parts = (
            self.task,
            self.form,
            f"x{self.width:g}",
            f"r{self.rate:g}",
            f"d{self.decay:g}",
            f"s{self.seed}",
        )
        return "_".join(parts)


def load(task: str, folder: Path, work: Path) -> tuple[Data, int]:
    """Return the data of a task, and how many classes there are."""
    if task == "language":
        return data.text()
    if task == "digits":
        return data.digits(), 10
    return (data.spoken if task == "spoken" else data.cifar10)(folder, work), 10


def network(run: Run, classes: int) -> Any:
    """Return the network before training."""
    torch.manual_seed(run.seed)
    made: Any
    if run.task == "language":
        made = networks.language(run.width, classes)
    else:
        made = {"digits": networks.digits, "spoken": networks.spoken, "cifar10": networks.resnet8}[run.task](
            run.width
        )
    if run.form == "float":
        return made
    levels, _, scale = run.form.partition("-")
    if scale == "all":
        return qat.convert(made, (), levels=levels, scale="median")
    return qat.convert(made, ("depthwise", "first", "last", "tiny"), levels=levels, scale=scale or "median")


BATCH = {"digits": 64, "spoken": 64, "cifar10": 128, "language": 32}


def train(
    run: Run, found: Data, classes: int, work: Path, device: str, told: Callable[[str], None]
) -> tuple[Any, dict[str, Any]]:
    """Return the trained network and what is known of the run; where it was stopped, it goes on.

    Adam with decoupled weight decay, the rate rising for a tenth of the steps and falling by a cosine.
    """
    model = network(run, classes).to(device)
    optimizer = torch.optim.AdamW(_groups(model, run.decay), run.rate)
    kept, begun = work / f"{run.name}.part", 0
    known: dict[str, Any] = {"seconds": 0.0, "curve": []}
    if kept.exists():
        state = torch.load(kept, weights_only=False)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        begun, known = state["epoch"], state["known"]
    steps = sum(1 for _ in _batches(run, found, 0))
    last = run.epochs * steps
    for epoch in range(begun, run.epochs):
        started, losses = monotonic(), []
        model.train()
        torch.manual_seed(run.seed * 1000 + epoch)
        for number, (x, y) in enumerate(_batches(run, found, epoch)):
            at = epoch * steps + number
            if run.form not in ("float", "int8"):
                qat.set_share(model, qat.ramp(at, 0, round(_RAMPED * last)))
            if run.form != "float" and at == round(_FROZEN * last):
                qat.freeze_ranges(model)
            for group in optimizer.param_groups:
                group["lr"] = (
                    run.rate * min(1.0, (at + 1) / (0.1 * last)) * 0.5 * (1 + math.cos(math.pi * at / last))
                )
            loss = _loss(run, model(_given(run, x, classes, device)), torch.as_tensor(y, device=device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
        known["seconds"] += monotonic() - started
        known["curve"].append(round(float(torch.stack(losses).mean()), 5))
        told(
            f"{run.name}: epoch {epoch + 1} of {run.epochs}, loss {known['curve'][-1]:.4f}, {known['seconds']:.0f} s"
        )
        if monotonic() - started > 20 and epoch + 1 < run.epochs:
            torch.save(
                {
                    "model": model.state_dict(),
                    "optimizer": optimizer.state_dict(),
                    "epoch": epoch + 1,
                    "known": known,
                },
                kept,
            )
    model.eval()
    kept.unlink(missing_ok=True)
    known["seconds"] = round(known["seconds"], 1)
    return model, {**asdict(run), **known, **judged(run, model, found, classes, device)}


def _groups(model: Any, decay: float) -> list[dict[str, Any]]:
    """Return the parameters; biases and normalizations do not decay."""
    wide = [p for p in model.parameters() if p.dim() > 1]
    other = [p for p in model.parameters() if p.dim() <= 1]
    return [{"params": wide, "weight_decay": decay}, {"params": other, "weight_decay": 0.0}]


def _batches(run: Run, found: Data, epoch: int) -> Iterator[tuple[Any, Any]]:
    rng = np.random.default_rng((run.seed, epoch))
    size = BATCH[run.task]
    if run.task == "language":
        # so many sequences that each character is seen once
        starts = rng.integers(0, len(found.x) - LENGTH, len(found.x) // LENGTH)
        for part in np.array_split(starts, max(1, len(starts) // size)):
            at = part[:, None] + np.arange(LENGTH)
            yield found.x[at], found.y[at]
        return
    for part in np.array_split(rng.permutation(len(found.x)), max(1, len(found.x) // size)):
        x = _varied(run.task, found.x[part], rng)
        if run.task == "cifar10" and epoch < round(_CROPPED * run.epochs):
            top, left = rng.integers(0, x.shape[2] - _CROP + 1, 2)
            x = x[:, :, top : top + _CROP, left : left + _CROP]
        yield x, found.y[part]


def _varied(task: str, x: Any, rng: np.random.Generator) -> Any:
    """Return images moved by some pixels; of CIFAR-10 half are mirrored, of sounds some bands and times are silent."""
    pad_y, pad_x = {"digits": (1, 1), "spoken": (5, 1), "cifar10": (3, 3)}[task]
    padded = np.pad(
        x, ((0, 0), (0, 0), (pad_y, pad_y), (pad_x, pad_x)), mode="edge" if task == "spoken" else "constant"
    )
    moved = np.empty_like(x)
    height, width = x.shape[2:]
    for i, image in enumerate(padded):
        top, left = rng.integers(0, 2 * pad_y + 1), rng.integers(0, 2 * pad_x + 1)
        moved[i] = image[:, top : top + height, left : left + width]
        if task == "spoken":
            at, band = rng.integers(0, height - 8), rng.integers(0, width - 3)
            moved[i, :, at : at + rng.integers(0, 9)] = 0
            moved[i, :, :, band : band + rng.integers(0, 4)] = 0
        elif task == "cifar10" and rng.random() < 0.5:
            moved[i] = moved[i, :, :, ::-1]
    return moved


def _given(run: Run, x: Any, classes: int, device: str) -> Any:
    """Return a batch as the network reads it: characters as [N, characters, 1, T], one of them 1."""
    found = torch.as_tensor(x, device=device)
    if run.task != "language":
        return found
    return functional.one_hot(found, classes).float().permute(0, 2, 1)[:, :, None]


def _loss(run: Run, answers: Any, y: Any) -> Any:
    if run.task != "language":
        return functional.cross_entropy(answers, y)
    return functional.cross_entropy(answers[:, :, 0, _UNSEEN:], y[:, _UNSEEN:])


@torch.no_grad()  # type: ignore[untyped-decorator]
def judged(run: Run, model: Any, found: Data, classes: int, device: str) -> dict[str, float]:
    """Return the accuracy in percent, or the perplexity by character, on the test data."""
    if run.task != "language":
        right = [
            (model(_given(run, x, classes, device)).argmax(1).cpu().numpy() == y).sum()
            for x, y in _parts(found.x_test, found.y_test, 500)
        ]
        return {"accuracy": round(100 * float(sum(right)) / len(found.y_test), 3)}
    count = (len(found.x_test) - 1) // (LENGTH - _UNSEEN) - 1
    at = np.arange(count)[:, None] * (LENGTH - _UNSEEN) + np.arange(LENGTH)
    losses = [
        float(_loss(run, model(_given(run, x, classes, device)), torch.as_tensor(y, device=device))) * len(x)
        for x, y in _parts(found.x_test[at], found.y_test[at], 64)
    ]
    return {"perplexity": round(math.exp(sum(losses) / count), 4)}


def _parts(x: Any, y: Any, size: int) -> Iterator[tuple[Any, Any]]:
    for at in range(0, len(x), size):
        yield x[at : at + size], y[at : at + size]


def exported(run: Run, model: Any, found: Data, classes: int) -> tuple[str, bytes]:
    """Return the ending and the content of the file that is compiled: .tflite, of a float network .onnx."""
    sample = _given(
        run, found.x_test[:LENGTH][None] if run.task == "language" else found.x_test[:1], classes, "cpu"
    )
    plain = copy.deepcopy(model).cpu()
    if run.form != "float":
        return ".tflite", qat.export(plain, sample=sample)
    import io  # noqa: PLC0415
    import warnings  # noqa: PLC0415

    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(plain, (sample,), file, dynamo=False, opset_version=17)
    return ".onnx", file.getvalue()
