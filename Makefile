# One command per wish. Each sets up what it needs, alone, on a clean clone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: help demo app test check bench bench-match lock sample clean

help:
	@echo "make demo         analyse the sample, two years, beside Preston's published figures (into out/demo)"
	@echo "make app          open the app in a browser"
	@echo "make test         run all tests"
	@echo "make check        format, lint and types"
	@echo "make bench        time ingest, match, impact and reports against peers"
	@echo "make bench-match  accuracy and speed of matching beside other tools"
	@echo "make lock         pin the dependencies again"
	@echo "make sample       make data/sample again from its generator"

$(VENV)/python:
	@command -v $(PYTHON) >/dev/null || { echo "cwb needs Python 3.11 or newer; $(PYTHON) is not on the path. Try: make PYTHON=python3.11 …"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "cwb needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.11 …"; exit 2; }
	$(PYTHON) -m venv $(VENV) || { echo "python3 has no venv module: on Debian or Ubuntu, apt-get install python3-venv"; exit 2; }
	@touch $@

$(VENV)/run: $(VENV)/python requirements.txt pyproject.toml
	$(PIP) install --quiet -r requirements.txt
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev: $(VENV)/run requirements-dev.txt
	$(PIP) install --quiet -r requirements-dev.txt
	@touch $@

demo: $(VENV)/run
	$(BIN)/cwb demo --out out/demo

app: $(VENV)/run
	$(BIN)/cwb app

test: $(VENV)/dev
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -rsR

check: $(VENV)/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/dev
	$(BIN)/python -m benchmarks

bench-match: $(VENV)/dev
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip --disable-pip-version-check install --quiet -r benchmarks/requirements-peers.txt
	$(BIN)/python -m benchmarks.match --whole --plots --peers .venv-peers/bin/python

sample: $(VENV)/dev
	$(BIN)/python data/sample/generate.py

lock: $(VENV)/dev
	$(PIP) install --quiet pip-tools
	$(BIN)/pip-compile --quiet --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --no-annotate --strip-extras --upgrade -o requirements.txt pyproject.toml build-requirements.in
	$(BIN)/pip-compile --quiet --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --no-annotate --strip-extras --upgrade -c requirements.txt --extra dev -o requirements-dev.txt pyproject.toml

clean:
	rm -rf $(VENV) out build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
