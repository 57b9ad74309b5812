# Everything runs in .venv (or VENV=folder), which the first command makes with python3 and pip alone.
#   make demo       train a small network, draw what it learnt
#   make test       the tests                    (ARGS="tests/layers -k dense" narrows them)
#   make docs-test  the examples in the docstrings
#   make native     the C++ kernels, where a compiler is there
#   make lint       style, formatting, types of public signatures
#   make soak       the tests that take minutes: leaks, kills, long runs, every comparison with Keras
#   make bench      nyala beside its peers, measured in one run
#   make clean      remove .venv and everything built

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV ?= .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input
# Compiling dominates the tests, and one program compiles on one core.
WORKERS ?= 2
ARGS ?=

# With `test` installed, `demo` needs nothing more; a change of pyproject.toml installs again.
CORE := $(VENV)/.installed-core
TEST := $(VENV)/.installed-test
BENCH := $(VENV)/.installed-bench
LIBRARY := nyala/kernels/native/libnyala_kernels.$(if $(filter Darwin,$(shell uname)),dylib,so)

.PHONY: help demo test docs-test native lint soak bench clean

help:
	@sed -n 's/^#   //p' Makefile

demo: $(CORE) native
	$(PY) examples/quickstart.py

test: $(TEST) native
	$(PY) -m pytest -n $(WORKERS) $(ARGS)

docs-test: $(TEST) native
	$(PY) -m pytest -n $(WORKERS) --doctest-modules nyala $(ARGS)

soak: $(TEST) native
	$(PY) -m pytest -m soak $(ARGS)

lint: $(TEST)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

bench: $(BENCH) native
	$(PY) -m benchmarks $(ARGS)

# Without a compiler this prints so and succeeds: XLA then runs everything.
native: $(LIBRARY)

$(LIBRARY): $(wildcard nyala/kernels/native/*.cc nyala/kernels/native/*.h) nyala/kernels/_native_build.py | $(CORE)
	$(PY) nyala/kernels/_native_build.py --if-possible

clean:
	rm -rf $(LIBRARY) .venv .cache .pytest_cache .mypy_cache .ruff_cache build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(PY):
	@find_python() { \
	    for candidate in $${PYTHON:-python3 python3.13 python3.12 python3.11}; do \
	        if "$$candidate" -c 'import sys, venv, ensurepip; \
	            sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then \
	            echo "$$candidate"; return; \
	        fi; \
	    done; \
	    echo "nyala needs Python 3.11, 3.12 or 3.13 with its venv module (Debian: apt install" \
	        "python3-venv); none was found among: $${PYTHON:-python3 python3.13 python3.12" \
	        "python3.11}. Name one: make PYTHON=/path/to/python" >&2; \
	    return 1; \
	}; \
	python="$$(find_python)"; \
	echo "Making $(VENV) with $$("$$python" --version) ($$python)"; \
	"$$python" -m venv --clear "$(VENV)"
	$(PIP) install --quiet 'setuptools>=77'

$(CORE): pyproject.toml | $(PY)
	@echo "Installing nyala and its dependencies into $(VENV) (a minute the first time)"
	$(PIP) install --quiet --no-build-isolation --editable .
	@touch $@

$(TEST): pyproject.toml | $(PY)
	@echo "Installing nyala and what its tests need into $(VENV) (a minute the first time)"
	$(PIP) install --quiet --no-build-isolation --editable '.[test]'
	@touch $(CORE) $@

$(BENCH): pyproject.toml | $(PY)
	@echo "Installing nyala and its peers into $(VENV) (minutes the first time: TensorFlow, PyTorch)"
	$(PIP) install --quiet --no-build-isolation --editable '.[test,bench]'
	@touch $(CORE) $(TEST) $@
