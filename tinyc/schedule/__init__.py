"""When each op runs, row by row, and where its tensors live meanwhile."""

from tinyc.schedule.plan import Buffer, Plan, Stage
from tinyc.schedule.planner import plan_layers, plan_smallest

__all__ = ["Buffer", "Plan", "Stage", "plan_layers", "plan_smallest"]
