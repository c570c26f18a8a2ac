"""What a built firmware takes: sizes, whether they fit, the memory map, report.json."""
