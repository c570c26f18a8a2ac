"""What quantization costs in accuracy: CIFAR-10 through a float network, ready-made INT8 files and ours.

    python -m benchmarks.quantization [--folder DIR] [--output FILE] [--count 10000] [INT8.tflite ...]

DIR: of the shared models and data sets. INT8.tflite: more files of the same network, by other tools, for the same
table. Calibrated on the first 50 training images of each class by name; every INT8 file runs as tinyc compiles it.
"""

from __future__ import annotations

import argparse
import io
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import numpy as np
import numpy.typing as npt

from tinyc.compiler import load, quantize_model
from tinyc.frontends.tflite.floats import load_float_tflite
from tinyc.ops.floats import evaluate_floats
from tinyc.quantize import Effort

ROOT = Path(__file__).resolve().parent.parent
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
PER_CLASS = 50
EFFORTS: tuple[Effort, ...] = ("fast", "good", "best")
HEAD = """# Quantization

Written by `python -m benchmarks.quantization`. MLPerf Tiny's ResNet-8 on {count:,} test images of CIFAR-10 (as JPEG),
calibrated on 500 training images. *Same answer*: how often the class is the one that the float network gives.
*Seconds*: of CPU, to quantize.

| network | accuracy | same answer | seconds |
|---|--:|--:|--:|
"""
Images = npt.NDArray[np.float32]


def main() -> int:
    parser = argparse.ArgumentParser(description="What quantization costs in accuracy.")
    parser.add_argument("others", nargs="*", type=Path)
    parser.add_argument("--folder", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks/QUANTIZATION.md")
    parser.add_argument("--count", type=int, default=10_000)
    args = parser.parse_args()
    training, test, labels = images(args.folder / "datasets/cifar10_jpeg.tar.xz", args.count)
    model = args.folder / "models/resnet8_float.tflite"
    answers = float_answers(model, test)
    lines = [line("float32", answers, answers, labels, "")]
    with TemporaryDirectory() as folder:
        samples = Path(folder, "samples.npy")
        np.save(samples, training)
        for effort in EFFORTS:
            begun = process_time()
            file = Path(folder, f"{effort}.tflite")
            file.write_bytes(quantize_model(model, samples, effort))
            spent = f"{process_time() - begun:.0f}"
            lines.append(
                line(f"tinyc, `--effort {effort}`", int8_answers(file, test), answers, labels, spent)
            )
            print(lines[-1], file=sys.stderr, flush=True)
    for file in (args.folder / "models/resnet8_int8.tflite", *args.others):
        lines.append(line(file.name, int8_answers(file, test), answers, labels, ""))
        print(lines[-1], file=sys.stderr, flush=True)
    args.output.write_text(HEAD.format(count=len(test)) + "\n".join(lines) + "\n", encoding="utf-8")
    return 0


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


def float_answers(model: Path, test: Images) -> npt.NDArray[np.int64]:
    graph = load_float_tflite(model.read_bytes(), model.name)
    parts = []
    for first in range(0, len(test), 250):
        x = test[first : first + 250, None]
        values = evaluate_floats(graph, {graph.inputs[0].tensor: x})
        parts.append(values[graph.outputs[0].tensor].reshape(len(x), -1).argmax(axis=1))
    return np.concatenate(parts)


def int8_answers(file: Path, test: Images) -> npt.NDArray[np.int64]:
    """Quantizes the images by the scale of the model's input, where it takes bytes."""
    model = load(file)
    kind = model.inputs[0]
    x = test
    if kind.dtype == "int8" and kind.scale is not None and kind.zero_point is not None:
        x = np.clip(np.round(test / kind.scale) + kind.zero_point, -128, 127).astype(np.int8)
    made = model(x)
    assert not isinstance(made, tuple)
    return made.reshape(len(test), -1).argmax(axis=1)


def line(
    name: str,
    found: npt.NDArray[np.int64],
    wanted: npt.NDArray[np.int64],
    labels: npt.NDArray[np.int64],
    spent: str,
) -> str:
    right, same = 100 * float(np.mean(found == labels)), 100 * float(np.mean(found == wanted))
    return f"| {name} | {right:.2f} % | {same:.2f} % | {spent} |"


if __name__ == "__main__":
    sys.exit(main())
