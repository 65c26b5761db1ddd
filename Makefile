# Everything runs in one environment, .venv/, made from requirements.lock. PYTHON=python3.12 make … picks another Python.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# A file of tests stays in one process, so that its fixtures are made once; the longest files are started first.
PARALLEL := -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: help demo docs test test-fast lab lint lint-python lint-javascript bench pictures protocol bundle clean

help:  ## this list
	@awk -F ':[^#]*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY)  ## map the docstrings of the installed packages: demo/map.html
	$(BIN)/nomic-explore demo --out demo

test: $(READY)  ## all tests, in two processes; browser tests need Chromium
	$(BIN)/python -m pytest $(PARALLEL)

test-fast: $(READY)  ## the tests that need no browser, no notebook and no patience: under two minutes
	$(BIN)/python -m pytest $(PARALLEL) -m "not browser and not notebook and not slow"

docs: $(READY)  ## the documentation site: docs/_build/html/index.html
	$(BIN)/python docs/build.py

lab: $(READY)  ## JupyterLab on the notebooks
	$(BIN)/jupyter lab notebooks

lint: lint-python lint-javascript  ## style, types and imports, of Python and TypeScript

lint-python: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lint-javascript: node_modules/.ready
	npm run --silent check

bench: $(READY)  ## the figures of benchmarks/README.md
	$(BIN)/python benchmarks/first_light.py

pictures: $(READY)  ## the pictures of the README; needs Chromium
	$(BIN)/python docs/take_pictures.py

protocol: $(READY)  ## the types of the protocol in TypeScript, from those in Python
	$(BIN)/python -m nomic_explore.view.requests.protocol.typescript

bundle: lint-javascript  ## check the types of the map's TypeScript and join it into one file; needs Node
	npm run build

node_modules/.ready: package.json
	@command -v npm >/dev/null || { echo "npm is missing; Debian and Ubuntu: apt install nodejs npm"; exit 1; }
	npm install --silent --no-audit --no-fund
	touch $@

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "nomic_explore needs Python 3.11 or newer; try PYTHON=python3.12 make"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	$(BIN)/python -W ignore -c 'import umap'  # numba compiles parts of it once and keeps them
	touch $@

clean:
	rm -rf .venv demo build dist node_modules docs/_build docs/_generated docs/_maps
