"""The rest of a firmware folder: build files, linker script, demo, scripts, other libraries' sources."""
