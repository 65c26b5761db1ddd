# Everything runs in one environment, .venv/, made from requirements.lock. PYTHON=python3.12 make … picks another Python.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test lab lint bench pictures bundle clean

demo: $(READY)  ## map the docstrings of the installed packages: demo/map.html
	$(BIN)/nomic-explore demo --out demo

test: $(READY)  ## all tests; browser tests need Chromium
	$(BIN)/python -m pytest

lab: $(READY)  ## JupyterLab on the notebooks
	$(BIN)/jupyter lab notebooks

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)  ## the figures of benchmarks/README.md
	$(BIN)/python benchmarks/first_light.py

pictures: $(READY)  ## the pictures of the README; needs Chromium
	$(BIN)/python docs/take_pictures.py

bundle:  ## check the types of the map's JavaScript and join it into one file; needs Node
	npm install --no-audit --no-fund
	npm run check
	npm run build

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "nomic_explore needs Python 3.11 or newer; try PYTHON=python3.12 make"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	$(BIN)/python -W ignore -c 'import umap'  # numba compiles parts of it once and keeps them
	touch $@

clean:
	rm -rf .venv demo build dist node_modules
