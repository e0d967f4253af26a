# The words to learn: make demo, make test, make check, make bench, make docs.
# Each does its own set-up; a machine needs python3 (3.11 to 3.13) and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-peers
LLAMACPP := .venv-llamacpp

.PHONY: demo test test-fast check bench docs setup format clean llamacpp

demo: $(VENV)/.demo
	$(BIN)/suffice demo

test: $(VENV)/.full
	$(BIN)/pytest -n 2 --dist loadgroup

test-fast: $(VENV)/.full
	$(BIN)/pytest -n 2 --dist loadgroup -m "not slow"

check: $(VENV)/.full
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m docs.generate --check

bench: $(VENV)/.full $(PEERS)/.ready
	$(BIN)/python -m benchmarks.intervals
	$(BIN)/python -m benchmarks.harness

docs: $(VENV)/.full
	$(BIN)/python -m docs.generate
	$(BIN)/python -m docs.site

format: $(VENV)/.full
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

setup: $(VENV)/.full

# What the bundled studies need: documents read, local weights run and tuned.
$(VENV)/.demo: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[docs,local]"
	touch $@

# Everything the tests need: local models and the checkers too.
$(VENV)/.full: $(VENV)/.demo
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[docs,local,site,dev]"
	touch $@

# The tools that we measure ourselves against, in an environment of their own.
# promptfoo is a Node package; its install scripts are not needed and not run.
$(PEERS)/.ready: benchmarks/peers.txt benchmarks/harness_peers/package.json
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --requirement benchmarks/peers.txt
	mkdir -p $(PEERS)/node
	cp benchmarks/harness_peers/package.json $(PEERS)/node/
	PATH="$(CURDIR)/$(PEERS)/bin:$$PATH" npm install --prefix $(PEERS)/node --ignore-scripts --no-audit --no-fund
	touch $@

# llama.cpp, to check what we write for it. It has no wheel, and building one takes ten minutes of a
# core, so the wheel is kept.
llamacpp: $(LLAMACPP)/.ready

$(LLAMACPP)/.ready:
	$(PYTHON) -m venv $(LLAMACPP)
	CMAKE_ARGS="-DLLAVA_BUILD=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_TOOLS=OFF" \
		nice $(LLAMACPP)/bin/python -m pip wheel --quiet --disable-pip-version-check --no-deps --find-links .cache/wheels --wheel-dir .cache/wheels llama-cpp-python==0.3.36
	$(LLAMACPP)/bin/python -m pip install --quiet --disable-pip-version-check --find-links .cache/wheels llama-cpp-python==0.3.36
	touch $@

clean:
	rm -rf $(VENV) $(PEERS) build dist .mypy_cache .ruff_cache .pytest_cache
