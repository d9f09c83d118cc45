# Everything a developer does, from nothing but Python 3.11 (or later) and make.

NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
# feedgen has no wheel: have an older pip (Debian's) build one too, instead of warning that it does not
export PIP_USE_PEP517 := 1
UV := $(BIN)/uv
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header pyproject.toml

.PHONY: help setup demo test lint bench lock audit sbom docs locale pictures clean

help:
	@echo "make setup   .venv with the locked dependencies and the baotong command"
	@echo "make demo    a newspaper, its feeds, pages and messages, all on this machine"
	@echo "make test    the tests, with coverage"
	@echo "make lint    ruff, mypy, import-linter"
	@echo "make bench   the benchmarks"
	@echo "make locale  the catalogues, compiled"
	@echo "make pictures  the README's pictures, taken anew in chromium"
	@echo "make lock    the three lock files, made anew (make lock UPGRADE=--upgrade: with newer versions)"
	@echo "make audit   asks whether anything locked is known to be vulnerable"
	@echo "make sbom    what is locked as a bill of materials, dist/baotong.cdx.json"
	@echo "make docs    docs/configuration.md, made anew from the settings"
	@echo "make clean   removes what these made"

setup: $(VENV)/.run

demo: setup
	$(BIN)/baotong demo

test: $(VENV)/.test
	$(BIN)/python -m slipcover -m pytest --numprocesses 3 --dist worksteal
	$(BIN)/python -m tests.coverage

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.bench
	$(BIN)/python -m pytest tests/bench -p no:cacheprovider -s

locale: $(VENV)/.test
	$(BIN)/python tests/catalogues.py

pictures: $(VENV)/.test
	$(BIN)/python -m tests.pictures

audit: $(VENV)/.run
	$(BIN)/python -m tests.audit

sbom: $(VENV)/.run
	$(BIN)/python -m tests.sbom

docs: $(VENV)/.run
	$(BIN)/python -m tests.reference

lock: $(VENV)/.made
	$(PIP) uv
	$(COMPILE) $(UPGRADE) --group build --output-file requirements.txt
	$(COMPILE) $(UPGRADE) --constraint requirements.txt --all-extras --group build --group test --group lint --output-file requirements-test.txt
	$(COMPILE) $(UPGRADE) --constraint requirements-test.txt --all-extras --group build --group test --group bench --output-file requirements-bench.txt

clean:
	rm -rf $(VENV) .coverage.json .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache build dist

# The stamps: each step is done again only when what it was made from is newer.

$(VENV)/.made:
	@test -n "$(PYTHON)" && $(PYTHON) -c '$(NEW_ENOUGH)' || \
		{ echo "报童 needs Python 3.11 or later, here there is $$(python3 --version 2>&1): see python.org, or make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "报童 needs Python's venv module (Debian, Ubuntu: apt-get install python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

# hatchling is locked too, so that installing the project itself fetches nothing.
$(VENV)/.run: requirements.txt pyproject.toml $(VENV)/.made
	@echo "Installing the locked dependencies into $(VENV); this takes about half a minute …"
	@$(PIP) --no-deps --require-hashes -r requirements.txt
	@$(PIP) --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/.test: requirements-test.txt $(VENV)/.run
	@echo "Installing what the tests need into $(VENV) …"
	@$(PIP) --no-deps --require-hashes -r requirements-test.txt
	@touch $@

$(VENV)/.bench: requirements-bench.txt $(VENV)/.test
	@echo "Installing what the benchmarks need into $(VENV) …"
	@$(PIP) --no-deps --require-hashes -r requirements-bench.txt
	@touch $@
