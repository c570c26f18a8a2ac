"""Answers against labels: accuracy, F1, area under the curve, squared error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tinyc.errors import UsageError

Array = npt.NDArray[Any]

#: What --metric takes besides a function of the user's.
METRICS = ("top1", "mse", "auc", "f1")


@dataclass(frozen=True, eq=False)
class Metric:
    """A number for answers, [N, ...], and labels."""

    name: str
    #: of answers, labels (numbers of classes [N], wanted answers [N, ...], or None) and inputs' errors
    compute: Callable[[Array, Array | None, Array | None], float]
    #: whether more is better; None where nobody knows
    rises: bool | None
    is_share: bool


def score(name: str) -> Metric:
    """Return one of METRICS."""
    return {
        "top1": Metric("top1", _top1, rises=True, is_share=True),
        "mse": Metric("mse", _mse, rises=False, is_share=False),
        "auc": Metric("auc", _auc, rises=True, is_share=False),
        "f1": Metric("f1", _f1, rises=True, is_share=False),
    }[name]


def default_metric(answers: Array, labels: Array | None, reconstruction: Array | None) -> str | None:
    """Return the metric that fits: by the labels, or how well a network gives back its input; None for none."""
    if labels is None:
        return "mse" if reconstruction is not None else None
    if labels.dtype.kind != "i":
        return "mse"
    if reconstruction is not None:
        return "auc"
    return "top1" if is_class(answers) or _scores(answers) is not None else None


def is_class(answers: Array) -> bool:
    """Whether each answer is the number of a class."""
    return answers.dtype.kind in "iu" and answers[0].size == 1


def _scores(answers: Array) -> Array | None:
    """Return one score per class, [N, classes]; None where answers are no vectors."""
    shape = answers.shape[1:]
    if not shape or answers[0].size != shape[-1]:
        return np.reshape(answers, (-1, 1)) if answers[0].size == 1 else None
    flat: Array = answers.reshape(len(answers), -1)
    return flat


def predicted(answers: Array) -> Array | None:
    """Return the class of each answer, [N]; None where answers are no classes.

    Of one number, whether it is above the middle: 0.5 where all are between 0 and 1, else 0.
    """
    if is_class(answers):
        return answers.reshape(-1).astype(np.int64)
    scores = _scores(answers)
    if scores is None:
        return None
    if scores.shape[1] > 1:
        largest: Array = scores.argmax(axis=1)
        return largest
    only = scores[:, 0]
    is_probability = bool(only.min() >= 0 and only.max() <= 1)
    return (only > (0.5 if is_probability else 0.0)).astype(np.int64)


def confusion_of(found: Array, labels: Array) -> Array:
    """Return how often label i was answered by j, [C, C]."""
    size = int(max(found.max(initial=0), labels.max(initial=0))) + 1
    counts = np.zeros((size, size), np.int64)
    np.add.at(counts, (labels.astype(np.int64), found), 1)
    return counts


def _classes(name: str, answers: Array, labels: Array | None) -> tuple[Array, Array]:
    if labels is None or labels.dtype.kind != "i":
        raise UsageError(
            f"--metric {name}: needs the class of each sample",
            "--labels FILE, or a folder for each class",
        )
    found = predicted(answers)
    if found is None:
        raise UsageError(
            f"--metric {name}: the model's output {list(answers.shape[1:])} is no score per class"
        )
    most = 0 if is_class(answers) else max(2, answers[0].size)
    if most and labels.max(initial=0) >= most:
        raise UsageError(
            f"--metric {name}: a label is {labels.max()}, and the model tells {most} classes, from 0 on",
            "--labels FILE says which class each folder or sample is",
        )
    return found, labels


def _top1(answers: Array, labels: Array | None, _: Array | None) -> float:
    found, wanted = _classes("top1", answers, labels)
    return float(np.mean(found == wanted))


def _f1(answers: Array, labels: Array | None, _: Array | None) -> float:
    """Return the F1 of class 1 where there are two, else the mean of all classes that have samples."""
    found, wanted = _classes("f1", answers, labels)
    counts = confusion_of(found, wanted)
    hits = np.diagonal(counts)
    of_class = 2 * hits / np.maximum(1, counts.sum(axis=0) + counts.sum(axis=1))
    if len(counts) <= 2:
        return float(of_class[-1]) if len(counts) == 2 else 0.0
    return float(of_class[counts.sum(axis=1) > 0].mean())


def _auc(answers: Array, labels: Array | None, reconstruction: Array | None) -> float:
    """Return the area under the ROC curve; of several classes, the mean of each against the others.

    Of a network that gives back its input, how far it is off tells class 1.
    """
    if labels is None or labels.dtype.kind != "i":
        _classes("auc", answers, labels)
        raise AssertionError
    scores = _scores(answers) if reconstruction is None else reconstruction.reshape(-1, 1)
    if scores is None or is_class(answers):
        raise UsageError(f"--metric auc: the model's output {list(answers.shape[1:])} is no score per class")
    present = np.unique(labels)
    if len(present) < 2:
        raise UsageError("--metric auc: all samples are of one class")
    if scores.shape[1] <= 2:
        if not set(present.tolist()) <= {0, 1}:
            raise UsageError(
                "--metric auc: the model tells two classes, and there are more labels than 0 and 1"
            )
        one = scores[:, 0] if scores.shape[1] == 1 else scores[:, 1] - scores[:, 0]
        return area(one, labels == 1)
    if present.max() >= scores.shape[1]:
        raise UsageError(
            f"--metric auc: label {present.max()} is none of the model's {scores.shape[1]} classes"
        )
    return float(np.mean([area(scores[:, c], labels == c) for c in present]))


def area(scores: Array, positive: Array) -> float:
    """Return how often a positive has the higher score than a negative; equal scores count half."""
    values, which, counts = np.unique(scores, return_inverse=True, return_counts=True)
    del values
    last = np.cumsum(counts)
    rank = (last - (counts - 1) / 2)[which]
    many = int(positive.sum())
    above = rank[positive].sum() - many * (many + 1) / 2
    return float(above / (many * (len(scores) - many)))


def _mse(answers: Array, labels: Array | None, reconstruction: Array | None) -> float:
    """Return the mean squared error against wanted answers; without any, against the input that is given back."""
    if labels is None and reconstruction is not None:
        return float(reconstruction.mean())
    if labels is None:
        raise UsageError(
            "--metric mse: needs the wanted output of each sample", "--labels FILE with an array of outputs"
        )
    wanted = labels.reshape(len(labels), -1).astype(np.float64)
    found = answers.reshape(len(answers), -1).astype(np.float64)
    if labels.dtype.kind == "i" and found.shape[1] > 1:
        raise UsageError(
            "--metric mse: labels are classes, and the model gives a score for each",
            "--metric top1 counts right answers",
        )
    if wanted.shape != found.shape:
        raise UsageError(f"--metric mse: labels are {list(labels.shape)}, outputs {list(answers.shape)}")
    return float(np.mean((wanted - found) ** 2))
