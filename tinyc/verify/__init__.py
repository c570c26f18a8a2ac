"""Whether the firmware computes what the reference computes: judges, test vectors, comparison."""
