"""RISC-V with multiplications and without SIMD."""
