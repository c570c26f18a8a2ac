"""tinyc: compile trained INT8 networks into small, exact C firmware for microcontrollers."""

__version__ = "0.1.0"
