"""What the kernels for one instruction set and another pack alike: dot products, requantization, words."""
