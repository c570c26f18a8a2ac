"""Running a built demo on an emulated board, or natively, and reading back what it computed and measured."""
