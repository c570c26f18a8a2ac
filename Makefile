# make demo: the digits example on an emulated Cortex-M4. make test: every check. Both install what is missing.

.POSIX:
PYTHON_ENV = .venv/bin
JOBS = 2

.PHONY: all demo test lint types c-format unit docs clean

all: demo

demo:
	@scripts/bootstrap.sh demo
	@$(PYTHON_ENV)/python examples/digits/demo.py

test:
	@scripts/bootstrap.sh dev
	@$(MAKE) --no-print-directory lint types c-format unit

lint:
	$(PYTHON_ENV)/ruff check .
	$(PYTHON_ENV)/ruff format --check .

types:
	$(PYTHON_ENV)/mypy

c-format:
	@scripts/c_format.sh

unit:
	$(PYTHON_ENV)/python -m pytest -q -n $(JOBS)

docs:
	$(PYTHON_ENV)/tinyc ops --markdown > docs/supported_ops.md.new
	mv docs/supported_ops.md.new docs/supported_ops.md
	$(PYTHON_ENV)/python scripts/pipeline.py
	$(PYTHON_ENV)/python scripts/readme.py

clean:
	rm -rf .venv build dist out .pytest_cache .mypy_cache .ruff_cache .hypothesis
