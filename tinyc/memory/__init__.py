"""Placement of byte intervals in the arena, and the independent check of it. Knows no graph."""

from tinyc.memory.blocks import Block, MemoryPlan, live_bytes, live_peak
from tinyc.memory.checker import Event, Piece, check
from tinyc.memory.planner import Packing, plan

__all__ = ["Block", "Event", "MemoryPlan", "Packing", "Piece", "check", "live_bytes", "live_peak", "plan"]
