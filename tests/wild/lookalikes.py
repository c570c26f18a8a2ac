"""All networks that look like those of public zoos."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.wild import blocks, heads, old_forms

NETWORKS: tuple[Callable[[], Any], ...] = (*old_forms.NETWORKS, *heads.NETWORKS, *blocks.NETWORKS)
