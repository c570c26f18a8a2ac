"""Placement of byte intervals in the arena, and the independent check of it. Knows no graph."""

from tinyc.memory.blocks import Block, MemoryPlan, live_bytes, live_peak
from tinyc.memory.checker import Access, Event, check
from tinyc.memory.planner import plan

__all__ = ["Access", "Block", "Event", "MemoryPlan", "check", "live_bytes", "live_peak", "plan"]
