"""When each op runs, row by row, and where its tensors live meanwhile."""

from tinyc.schedule.plan import Buffer, Plan, Stage
from tinyc.schedule.planner import pareto_plans, plan_layers, plan_smallest
from tinyc.schedule.watch import Watch

__all__ = ["Buffer", "Plan", "Stage", "Watch", "pareto_plans", "plan_layers", "plan_smallest"]
