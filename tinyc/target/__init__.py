"""A chip and what is done for it: board files, tools, builds, what the linked program holds."""
