"""Lowerings to kernels for Thumb-2 without SIMD: Cortex-M3, and layers in which SIMD gains nothing."""
