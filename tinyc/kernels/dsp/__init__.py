"""Lowerings to the kernels for Armv7E-M SIMD: Cortex-M4, M7 and M33."""
