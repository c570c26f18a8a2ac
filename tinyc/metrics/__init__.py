"""How good answers are, and how far two networks' answers are apart."""

from tinyc.metrics.custom import load_metric
from tinyc.metrics.distance import Distance, distance_of
from tinyc.metrics.scores import METRICS, Metric, confusion_of, default_metric, predicted, score

__all__ = [
    "METRICS",
    "Distance",
    "Metric",
    "confusion_of",
    "default_metric",
    "distance_of",
    "load_metric",
    "predicted",
    "score",
]
