"""Trains the three ternary networks of this folder: handwritten digits, spoken ones, and ResNet-8 for CIFAR-10.

usage, in the checkout: python -m examples.ternary.train digits|spoken|cifar10 [--folder DIR] [--seed S] [--work DIR]

Run it only to change a model: the files are in the repository. It needs PyTorch, `pip install 'tinyc[onnx,litert]'`,
for the digits scikit-learn, for the others a folder with datasets/fsdd_wav.tar.xz (the free spoken digit dataset of
Jakobovski, CC BY-SA 4.0) and datasets/cifar10_jpeg.tar.xz. A run that was stopped goes on where it was. Networks,
data and recipe are those of `benchmarks/reproduction`; another PyTorch or CPU may give other weights.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch

import tinyc
from benchmarks.reproduction.__main__ import EPOCHS
from benchmarks.reproduction.data import Data
from benchmarks.reproduction.train import Run, exported, load, train

HERE = Path(__file__).resolve().parent
#: Inputs of each class that are kept for tests; recordings and photographs have licences of their own.
EACH = {"digits": 2, "spoken": 0, "cifar10": 0}
LEAST = {"digits": 98.0, "spoken": 96.0, "cifar10": 79.0}
RATE = {"digits": 3e-3, "spoken": 3e-3, "cifar10": 1e-2}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=list(EACH))
    parser.add_argument("--folder", type=Path, default=HERE.parents[2] / "shared")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path, default=HERE.parents[1] / "out/reproduction")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    run = Run(args.task, "ternary-median", 1.0, RATE[args.task], 0.01, args.seed, EPOCHS[args.task])
    found, classes = load(run.task, args.folder, args.work)
    model, result = train(run, found, classes, args.work, "cpu", lambda what: print(what, file=sys.stderr))
    _, content = exported(run, model, found, classes)
    keep(run.task, content, found, result["accuracy"])


def keep(task: str, content: bytes, found: Data, trained: float) -> None:
    """Judge the compiled network on all test inputs, and write it with some of them."""
    path = HERE / f"{task}.tflite.new"
    path.write_bytes(content)
    inputs, labels = channels_last(found.x_test), found.y_test
    answers = tinyc.load(path)(inputs)
    right = answers.reshape(len(labels), -1).argmax(axis=1) == labels
    accuracy = 100 * float(right.mean())
    print(
        f"{task}: {len(content):,} bytes; of {len(labels)} right: {trained:.2f} % trained, {accuracy:.2f} % compiled"
    )
    if accuracy < LEAST[task]:
        raise SystemExit(f"accuracy is below {LEAST[task]} %: nothing written")
    path.replace(HERE / f"{task}.tflite")
    if not EACH[task]:
        return
    chosen = np.concatenate([np.flatnonzero(labels == label)[: EACH[task]] for label in range(10)])
    np.savez_compressed(HERE / f"{task}.npz", in0=inputs[chosen], labels=labels[chosen].astype(np.int64))


def channels_last(x: Any) -> Any:
    """x: [N, C, H, W] -> [N, 1, H, W, C]."""
    return np.ascontiguousarray(x.transpose(0, 2, 3, 1))[:, None]


if __name__ == "__main__":
    main()
