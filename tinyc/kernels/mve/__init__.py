"""Lowerings to the kernels for Helium: Cortex-M55 and M85."""
