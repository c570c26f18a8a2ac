"""When each op runs, and where its tensors live meanwhile."""

from tinyc.schedule.layer import plan_layers
from tinyc.schedule.plan import Buffer, Plan, Stage

__all__ = ["Buffer", "Plan", "Stage", "plan_layers"]
