"""Lowerings to portable kernels made for speed, for cores without SIMD: Cortex-M0+ and M3, RV32IMAC."""
