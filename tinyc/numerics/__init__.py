"""The integer arithmetic of the reference interpreters, op by op: fixed point, requantization, tables."""
