# Everything a developer does, from nothing but Python 3.11 (or later) and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
UV := $(BIN)/uv
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header pyproject.toml

.PHONY: help setup demo test lint bench lock locale clean

help:
	@echo "make setup   .venv with the locked dependencies and the baotong command"
	@echo "make demo    a newspaper, its feeds, pages and messages, all on this machine"
	@echo "make test    the tests, with coverage"
	@echo "make lint    ruff, mypy, import-linter"
	@echo "make bench   the benchmarks"
	@echo "make locale  the catalogues, compiled"
	@echo "make lock    the three lock files, made anew (make lock UPGRADE=--upgrade: with newer versions)"
	@echo "make clean   removes what these made"

setup: $(VENV)/.run

demo: setup
	$(BIN)/baotong demo

test: $(VENV)/.test
	$(BIN)/python -m pytest --numprocesses auto --cov --cov-report=term

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.bench
	$(BIN)/python -m pytest tests/bench -p no:cacheprovider -s

locale: $(VENV)/.test
	$(BIN)/python tests/catalogues.py

lock: $(VENV)/.run
	$(PIP) uv
	$(COMPILE) $(UPGRADE) --group build --output-file requirements.txt
	$(COMPILE) $(UPGRADE) --constraint requirements.txt --all-extras --group build --group test --group lint --output-file requirements-test.txt
	$(COMPILE) $(UPGRADE) --constraint requirements-test.txt --all-extras --group build --group test --group bench --output-file requirements-bench.txt

clean:
	rm -rf $(VENV) .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache build dist

# The stamps: each step is done again only when what it was made from is newer.

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "报童 needs Python 3.11 or later; $(PYTHON) is older: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "报童 needs Python's venv module (Debian, Ubuntu: apt-get install python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

# hatchling is locked too, so that installing the project itself fetches nothing.
$(VENV)/.run: requirements.txt pyproject.toml $(VENV)/.made
	$(PIP) --require-hashes -r requirements.txt
	$(PIP) --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/.test: requirements-test.txt $(VENV)/.run
	$(PIP) --require-hashes -r requirements-test.txt
	@touch $@

$(VENV)/.bench: requirements-bench.txt $(VENV)/.test
	$(PIP) --require-hashes -r requirements-bench.txt
	@touch $@
