"""The outside judge: what the reference interpreters themselves compute, where they are installed."""

from tinyc.verify.judge.interpreters import Judged, judge
from tinyc.verify.judge.isolated import IsolatedJudge, judge_isolated

__all__ = ["IsolatedJudge", "Judged", "judge", "judge_isolated"]
