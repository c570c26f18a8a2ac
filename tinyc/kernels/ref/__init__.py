"""Lowerings to the portable kernels, which define what is correct."""
