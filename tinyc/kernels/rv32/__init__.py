"""Kernels for RISC-V."""
