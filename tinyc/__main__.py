"""`python -m tinyc`: the command line."""

from tinyc.cli import main

if __name__ == "__main__":
    main()
