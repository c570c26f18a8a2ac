"""What quantization costs in accuracy: CIFAR-10 through float networks, and INT8 by tinyc and by others.

    python -m benchmarks.quantization [--folder DIR] [--work DIR] [--output FILE] [--count 10000] [--only TABLE ...]
                                      [--efforts EFFORT ...] [INT8.tflite ...]

DIR of --folder: of the shared models and data sets; of --work: of the networks that `benchmarks.hard_networks` has
trained; those that are not there have no table. INT8.tflite: more files of ResNet-8, by other tools. Calibrated on the
first 50 training images of each class by name; every .tflite file runs as tinyc compiles it, ONNX in ONNX Runtime.
A quantizer whose package is missing is "not run".
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import tarfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from benchmarks.quantizers import OTHERS, Network, quiet
from tinyc.compiler import load
from tinyc.frontends.floats import load_float_model
from tinyc.ops.floats import evaluate_floats
from tinyc.quantize import Effort
from tinyc.quantizer import quantize_model

ROOT = Path(__file__).resolve().parent.parent
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
PER_CLASS = 50
EFFORTS: tuple[Effort, ...] = ("fast", "good", "best")
HEAD = """# Quantization

Written by `python -m benchmarks.quantization`: networks on test images of CIFAR-10 (as JPEG), calibrated on 500
training images. *Same answer*: how often the class is the one that the float network gives. *SQNR*: power of the
float network's outputs (logits, of ResNet-8 the probabilities) over that of the error. *Seconds*: of CPU, to quantize.
"""
TITLES = {
    "resnet8": "MLPerf Tiny's ResNet-8",
    "mobilenet_v3_unlike": "MobileNetV3-like, channels of unlike ranges",
    "efficientnet_unlike": "EfficientNet-like, channels of unlike ranges",
    "mobilenet_v3_rescaled": "MobileNetV3-like, rescaled",
    "efficientnet_rescaled": "EfficientNet-like, rescaled",
    "mobilenet_v3": "MobileNetV3-like",
    "efficientnet": "EfficientNet-like",
    "mobilenet_v2": "MobileNetV2-like",
    "efficientnet_deep": "EfficientNet-like, twelve blocks",
    "mobilenet_v3_deep": "MobileNetV3-like, twelve blocks",
}
TEXT = """
## Networks that are hard to quantize

Trained for a few epochs by `python -m benchmarks.hard_networks`: depthwise layers, squeeze-and-excite, swish. As
they come from there, TensorFlow's converter loses half a point at most (1,000 images). *Unlike ranges*: trained
from channels between blocks whose scales differ some tens of times (log-normally, sigma 1.5). *Rescaled*: the
trained network, its channels between blocks scaled so, and what reads them scaled back: made, not found, and the
very thing that cross-layer equalisation undoes. It is the same function; one scale for a whole tensor then loses
the small channels. *Twelve blocks*: by RMSprop and twice the learning rate, as these architectures are trained.
"""
COLUMNS = "| network | accuracy | same answer | SQNR | seconds |\n|---|--:|--:|--:|--:|\n"
Images = npt.NDArray[np.float32]
#: Outputs for images, [N, classes].
Answers = Callable[[Images], Images]


def main() -> int:
    parser = argparse.ArgumentParser(description="What quantization costs in accuracy.")
    parser.add_argument("others", nargs="*", type=Path)
    parser.add_argument("--folder", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--work", type=Path, default=ROOT / "out/hard_networks")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks/QUANTIZATION.md")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--only", nargs="*", choices=TITLES, default=list(TITLES))
    parser.add_argument("--efforts", nargs="*", choices=EFFORTS, default=list(EFFORTS))
    args = parser.parse_args()
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    kept = args.output.with_suffix(".json")
    rows: dict[str, dict[str, Any]] = json.loads(kept.read_text()) if kept.exists() else {}
    data = images(args.folder / "datasets/cifar10_jpeg.tar.xz", args.count)
    for name in args.only:
        model, keras = files(name, args.folder, args.work)
        if not model.exists():
            continue
        x = data if name == "resnet8" else (scaled(data[0]), scaled(data[1]), data[2])
        ready = (args.folder / "models/resnet8_int8.tflite", *args.others) if name == "resnet8" else ()
        rows[name] = {"count": args.count, "rows": []}
        for told in table(model, keras if keras.exists() else None, x, ready, args.efforts):
            rows[name]["rows"].append(told)
            print(f"{name}: {told}", file=sys.stderr, flush=True)
        kept.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    args.output.write_text(page(rows), encoding="utf-8")
    return 0


def files(name: str, folder: Path, work: Path) -> tuple[Path, Path]:
    """Return a float network's file, and one of the same weights that Keras reads."""
    if name == "resnet8":
        return folder / "models/resnet8_float.tflite", folder / "wild/mlc_resnet.h5"
    return work / f"{name}.keras", work / f"{name}.keras"


def scaled(x: Images | npt.NDArray[np.uint8]) -> Images:
    """Return images of 0 to 255 as the hard networks take them."""
    return np.asarray(x / np.float32(127.5) - 1, np.float32)


def page(rows: dict[str, dict[str, Any]]) -> str:
    parts = [HEAD]
    for name, title in TITLES.items():
        if name not in rows:
            continue
        if name != "resnet8" and TEXT not in parts:
            parts.append(TEXT)
        told = f"\n**{title}**, {rows[name]['count']:,} images\n\n{COLUMNS}"
        parts.append(told + "\n".join(rows[name]["rows"]) + "\n")
    return "".join(parts)


def table(
    model: Path,
    keras: Path | None,
    data: tuple[Images, Images, npt.NDArray[np.int64]],
    ready: tuple[Path, ...],
    efforts: Sequence[Effort] = EFFORTS,
) -> Iterator[str]:
    """Return the rows of one network. ready: INT8 files of it."""
    training, test, labels = data
    network = Network(load_float_model(model).graph, keras)
    wanted = float_answers(network, test)

    def row(name: str, found: Images, spent: str = "") -> str:
        return line(name, found, wanted, labels, spent)

    yield row("float32", wanted)
    with TemporaryDirectory() as folder:
        samples = Path(folder, "samples.npy")
        np.save(samples, training)
        for effort in efforts:
            begun = process_time()
            content = quantize_model(model, samples, effort)
            spent = f"{process_time() - begun:.0f}"
            yield row(f"tinyc, `--effort {effort}`", compiled(content)(test), spent)
    for name, quantize in OTHERS.items():
        begun = process_time()
        try:
            with quiet():
                answers = quantize(network, training, compiled)
        except ImportError as missing:
            yield f"| {name} | not run: {missing.name or missing} is missing | | | |"
            continue
        yield row(name, answers(test), f"{process_time() - begun:.0f}")
    for file in ready:
        yield row(file.name, compiled(file.read_bytes())(test))


def images(archive: Path, count: int) -> tuple[Images, Images, npt.NDArray[np.int64]]:
    """Return training and test images, [N, 32, 32, 3] of 0 to 255, and the classes of the latter."""
    training, _ = decoded_images(archive, "train", PER_CLASS)
    test, labels = decoded_images(archive, "test", count // len(CLASSES))
    return training.astype(np.float32), test.astype(np.float32), labels


def decoded_images(
    archive: Path, part: str, each: int | None, kept: Path | None = None
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return the first images of each class by name, all for None, and their classes.

    kept: a file that spares decoding them again.
    """
    from PIL import Image  # noqa: PLC0415 - of the extra `examples`

    if kept is not None and kept.exists():
        with np.load(kept) as arrays:
            return arrays["images"], arrays["labels"]
    found: dict[str, list[tuple[str, bytes]]] = {}
    with tarfile.open(archive) as files:
        for member in files:
            if not member.name.endswith(".jpg") or member.name.split("/")[-3] != part:
                continue
            content = files.extractfile(member)
            assert content is not None
            found.setdefault(member.name.split("/")[-2], []).append((member.name, content.read()))
    chosen = [(c, content) for c, name in enumerate(CLASSES) for _, content in sorted(found[name])[:each]]
    decoded = np.stack([np.asarray(Image.open(io.BytesIO(x)).convert("RGB")) for _, x in chosen])
    labels = np.array([c for c, _ in chosen])
    if kept is not None:
        np.savez(kept, images=decoded, labels=labels)
    return decoded, labels


def float_answers(network: Network, test: Images) -> Images:
    graph = network.graph
    parts = []
    for first in range(0, len(test), 250):
        x = test[first : first + 250, None]
        values = evaluate_floats(graph, {graph.inputs[0].tensor: x})
        parts.append(values[graph.outputs[0].tensor].reshape(len(x), -1))
    return np.concatenate(parts)


def compiled(content: bytes) -> Answers:
    """Return what an INT8 file computes, compiled by tinyc: from real numbers to real numbers."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "model.tflite")
        file.write_bytes(content)
        model = load(file)
    given, made = model.inputs[0], model.outputs[0]

    def answers(x: Images) -> Images:
        if given.dtype == "int8" and given.scale is not None and given.zero_point is not None:
            x = np.clip(np.round(x / given.scale) + given.zero_point, -128, 127).astype(np.int8)
        found = model(x)
        assert not isinstance(found, tuple)
        found = found.reshape(len(x), -1)
        if made.dtype == "int8" and made.scale is not None and made.zero_point is not None:
            return np.asarray((found.astype(np.float32) - made.zero_point) * made.scale, np.float32)
        return cast(Images, found)

    return answers


def line(name: str, found: Images, wanted: Images, labels: npt.NDArray[np.int64], spent: str) -> str:
    chosen, by_float = found.argmax(axis=1), wanted.argmax(axis=1)
    right, same = 100 * float(np.mean(chosen == labels)), 100 * float(np.mean(chosen == by_float))
    error = float(np.mean((found - wanted) ** 2))
    decibels = f"{10 * np.log10(np.var(wanted) / error):.1f} dB" if error else ""
    return f"| {name} | {right:.2f} % | {same:.2f} % | {decibels} | {spent} |"


if __name__ == "__main__":
    sys.exit(main())
