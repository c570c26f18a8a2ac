"""Worst-case stack of a function of a linked ELF: no estimate, and an error where there is no bound.

Who calls whom, and how deep the stack is at each call, is read from the disassembly, so library functions and
calls that the compiler adds late (memcpy, division) are seen as well. Of the functions we compile, GCC's
`-fcallgraph-info=su` says how large the frame is and whether it has a bound at all (alloca); the larger one
counts. Recursion, a frame of no fixed size and a call through a pointer are errors that name the function.
"""

from tinyc.target.stack.worst_case import StackUse, UnboundedStackError, worst_case_stack

__all__ = ["StackUse", "UnboundedStackError", "worst_case_stack"]
