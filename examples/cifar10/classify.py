"""Pushes the CIFAR-10 test images through an INT8 classifier, as native code made by tinyc, and counts the right ones.

usage: classify.py MODEL IMAGES [--count N] [--check N] [--reference litert|tflm]

MODEL: a .tflite that takes int8 [1, 32, 32, 3] and gives ten scores, such as resnet8 of MLPerf Tiny.
IMAGES: a folder or a .tar archive that holds test/<class>/<number>.jpg.
--check: how many of the images the reference interpreter classifies too; every score must be equal, else the exit code
is 6.
"""

from __future__ import annotations

import argparse
import io
import sys
import tarfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from time import perf_counter

import numpy as np
from PIL import Image
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

import tinyc
from tinyc.errors import TinycError, UsageError
from tinyc.verify.judge import judge_isolated

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
BATCH = 100


def files(source: Path) -> Iterator[tuple[str, bytes]]:
    """Class and bytes of every test image, in the order of the archive or, of a folder, by name."""
    if source.is_dir():
        for path in sorted(source.glob("test/*/*.jpg")):
            yield path.parent.name, path.read_bytes()
        return
    with tarfile.open(source) as archive:
        for member in archive:
            folder, _, rest = member.name.partition("/")
            if folder == "test" and rest.endswith(".jpg"):
                content = archive.extractfile(member)
                assert content is not None
                yield rest.partition("/")[0], content.read()


def pixels(data: bytes) -> np.ndarray:
    """[1, 32, 32, 3] int8: the model's zero point is -128 and its scale 1."""
    image = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    return (image.astype(np.int16) - 128).astype(np.int8)[None]


def read_images(source: Path, count: int, bar: Progress) -> tuple[np.ndarray, np.ndarray]:
    """images: [N, 1, 32, 32, 3] int8; labels: [N], indices into CLASSES."""
    images, labels = [], []
    for label, data in bar.track(islice(files(source), count), total=count, description="read"):
        images.append(pixels(data))
        labels.append(CLASSES.index(label))
    if not images:
        raise UsageError(f"{source} holds no test/<class>/<number>.jpg")
    return np.stack(images), np.array(labels)


def classify(model: tinyc.HostModel, images: np.ndarray, bar: Progress) -> np.ndarray:
    """Scores [N, 10] int8."""
    batches = range(0, len(images), BATCH)
    scores = [model(images[i : i + BATCH]) for i in bar.track(batches, description="classify")]
    return np.concatenate(scores).reshape(len(images), -1)


def differing(model: Path, images: np.ndarray, scores: np.ndarray, reference: str) -> int:
    """Images for which any score is unlike the reference interpreter's."""
    judged = judge_isolated(model.read_bytes(), (images,), reference, timeout=600)
    if judged is None:
        raise UsageError(f"the interpreter of {reference} is not installed, so nothing can be checked")
    return int(np.any(judged.outputs[0].reshape(scores.shape) != scores, axis=1).sum())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("images", type=Path)
    parser.add_argument("--count", type=int, default=10_000, help="images to classify; 10,000")
    parser.add_argument("--check", type=int, default=500, help="images to check, evenly spread; 500")
    parser.add_argument("--reference", choices=("litert", "tflm"), default="litert")
    chosen = parser.parse_args()

    columns = (TextColumn("{task.description:9}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        model = tinyc.load(chosen.model, reference=chosen.reference)
        images, labels = read_images(chosen.images, chosen.count, bar)
        begin = perf_counter()
        scores = classify(model, images, bar)
        seconds = perf_counter() - begin
    right = int((scores.argmax(axis=1) == labels).sum())
    print(f"{right:,} of {len(labels):,} right, {100 * right / len(labels):.2f} %")
    print(f"{seconds:.1f} s, {len(labels) / seconds:,.0f} images a second")
    if not chosen.check:
        return 0
    some = np.linspace(0, len(images) - 1, min(chosen.check, len(images))).astype(int)
    wrong = differing(chosen.model, images[some], scores[some], chosen.reference)
    print(
        f"{len(some) - wrong:,} of {len(some):,} equal to the reference ({chosen.reference}), score by score"
    )
    return 6 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except TinycError as error:
        print(f"error: {error.message}", file=sys.stderr)
        sys.exit(error.exit_code)
