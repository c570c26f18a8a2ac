"""Files that nobody would write by accident, and a watchdog that sees what tinyc makes of them."""
