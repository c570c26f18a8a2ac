"""Metrics against what they mean, counted out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinyc.errors import UsageError
from tinyc.metrics import confusion_of, default_metric, distance_of, load_metric, predicted

RNG = np.random.default_rng(3)


def value(name: str, answers: Any, labels: Any = None, off: Any = None) -> float:
    return load_metric(name).compute(np.asarray(answers), None if labels is None else np.asarray(labels), off)


SCORES = np.array([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]])


def test_top1_and_confusion() -> None:
    assert value("top1", SCORES, [1, 0, 0, 1]) == 0.5
    assert value("top1", np.array([[3], [1]]), [3, 0]) == 0.5
    assert confusion_of(np.array([1, 0, 1, 0]), np.array([1, 0, 0, 2])).tolist() == [
        [1, 1, 0],
        [0, 1, 0],
        [1, 0, 0],
    ]


def test_one_number_is_a_class_where_it_is_above_the_middle() -> None:
    found = predicted(np.array([[0.4], [0.6]])), predicted(np.array([[-0.1], [0.4]]))
    assert [None if x is None else x.tolist() for x in found] == [[0, 1], [0, 1]]
    assert predicted(np.zeros((2, 4, 4, 3))) is None


def test_area_under_the_curve_counts_pairs() -> None:
    scores, labels = RNG.integers(0, 12, 60) / 12, RNG.integers(0, 2, 60)
    pairs = [(a > b) + 0.5 * (a == b) for a in scores[labels == 1] for b in scores[labels == 0]]
    assert value("auc", scores[:, None], labels) == pytest.approx(np.mean(pairs))
    two = np.stack([1 - scores, scores], axis=1)
    assert value("auc", two, labels) == pytest.approx(np.mean(pairs))
    assert value("auc", np.zeros((60, 9)), labels, scores) == pytest.approx(np.mean(pairs))
    three = RNG.normal(size=(60, 3))
    classes = RNG.integers(0, 3, 60)
    each = [value("auc", three[:, c : c + 1], (classes == c).astype(int)) for c in range(3)]
    assert value("auc", three, classes) == pytest.approx(np.mean(each))


def test_f1() -> None:
    assert value("f1", SCORES, [1, 0, 0, 1]) == pytest.approx(0.5)
    assert value("f1", np.eye(3)[[0, 1, 1, 2]], [0, 1, 2, 2]) == pytest.approx(np.mean([1, 2 / 3, 2 / 3]))


def test_squared_error() -> None:
    assert value("mse", [[1.0, 2.0], [3.0, 4.0]], [[1.0, 0.0], [3.0, 4.0]]) == 1.0
    assert value("mse", [[1.0, 2.0]], None, np.array([0.25])) == 0.25


def test_what_fits() -> None:
    classes, values = np.array([0, 1, 1, 0]), np.zeros((4, 2))
    assert default_metric(SCORES, classes, None) == "top1"
    assert default_metric(SCORES, values, None) == "mse"
    assert default_metric(SCORES, None, None) is None
    assert default_metric(SCORES, None, np.zeros(4)) == "mse"
    assert default_metric(SCORES, classes, np.zeros(4)) == "auc"


def test_distance() -> None:
    found = distance_of(SCORES, SCORES + np.array([[0, 0], [0, 1.0], [0, 0], [0, 0]]))
    assert (found.max_abs_error, found.mean_abs_error) == (1.0, 1 / 8)
    assert found.worst.tolist()[0] == 1
    assert found.sqnr_db == pytest.approx(10 * np.log10(np.sum(SCORES**2)))
    same = distance_of(SCORES, SCORES)
    assert same.sqnr_db is None and same.cosine == pytest.approx(1)


def test_a_function_of_the_users(tmp_path: Path) -> None:
    file = tmp_path / "m.py"
    file.write_text("def off(outputs, labels):\n    return abs(outputs[:, 0] - labels).mean()\n\nx = 1 / 2\n")
    assert value(f"{file}:off", SCORES, [0, 0, 0, 0]) == pytest.approx(0.45)
    for text, says in (
        ("top2", "is none of top1, mse"),
        (f"{tmp_path}/n.py:off", "there is no file"),
        (f"{file}:of", "has no function 'of'"),
        (f"{file}:x", "has no function 'x'"),
    ):
        with pytest.raises(UsageError, match=says):
            load_metric(text)
    with pytest.raises(UsageError, match=r"off: (TypeError|ValueError|.*Error)"):
        value(f"{file}:off", SCORES, None)
    file.write_text("import nothing_of_this_name\n")
    with pytest.raises(UsageError, match="ModuleNotFoundError"):
        load_metric(f"{file}:off")


@pytest.mark.parametrize(
    ("name", "answers", "labels", "says"),
    [
        ("top1", SCORES, None, "needs the class of each sample"),
        ("f1", SCORES, np.zeros((4, 2)), "needs the class of each sample"),
        ("top1", np.zeros((4, 2, 2)), np.zeros(4, int), "is no score per class"),
        ("top1", SCORES, np.array([0, 1, 2, 1]), "a label is 2, and the model tells 2 classes"),
        ("auc", SCORES, np.zeros(4, int), "all samples are of one class"),
        ("auc", SCORES, np.array([0, 1, 2, 1]), "more labels than 0 and 1"),
        ("mse", SCORES, np.zeros(4, int), "labels are classes"),
        ("mse", SCORES, np.zeros((4, 3)), "labels are"),
        ("mse", SCORES, None, "needs the wanted output"),
    ],
)
def test_what_cannot_be_measured_is_told(name: str, answers: Any, labels: Any, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        value(name, answers, labels)
