# Everything below runs in the project's own virtual environment.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help check format lint types test docs docs-write bench bench-quick test-integrations clean

help: ## List these targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-20s %s\n", $$1, $$2}'

.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable '.[dev]'
	@touch $@

check: lint types test ## Lint, strict types, tests with doctests: what CI runs

format: .venv/installed ## Rewrite the files in the project's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: .venv/installed ## Style and common mistakes (ruff)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .venv/installed ## Strict types (mypy)
	$(BIN)/mypy

test: .venv/installed ## Tests and doctests on two cores
	$(BIN)/python -m pytest -n 2

docs: .venv/installed ## Run every example that the docs and the README show
	$(BIN)/python -m pytest tests/test_docs.py --doctest-modules echoformat

docs-write: .venv/installed ## Rewrite what the docs list from the code
	$(BIN)/python docs/write.py

BENCHMARKS := accuracy speed scale measures

bench: .venv/installed ## Accuracy, speed, scale and measures; writes nothing, prints tables
	for name in $(BENCHMARKS); do $(BIN)/python -m benchmarks.$$name || exit 1; done

bench-quick: .venv/installed ## What a label costs today, within half a minute
	$(BIN)/python -m benchmarks.speed --quick

# The frameworks are heavy: point INTEGRATION at the python of an environment that has them.
INTEGRATION ?= $(BIN)/python

test-integrations: .venv/installed ## Run real frameworks (pip install -r tests/integration/requirements.txt)
	$(INTEGRATION) -m pytest -m integration tests/integration

clean: ## Remove the virtual environment and the caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache build dist
