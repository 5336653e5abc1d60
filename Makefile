# A thin front: the work is done by `course` (course_lib/commands/cli.py), pip and pytest.
# `make lab` is for learners, `make test` for everybody else. Nothing has to be activated.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
# On Linux, PyPI's torch brings 2.7 GB for NVIDIA GPUs. TORCH=cpu takes the build for CPUs where its index can be reached,
# TORCH=default what PyPI has.
TORCH ?= cpu
NBVAL := test-artefacts/nbval
# Whose framework a learner installs: pytorch, keras or both. What was chosen last is kept; the zip of one track brings .track.
TRACK ?= $(shell cat $(VENV)/.track 2>/dev/null || cat .track 2>/dev/null || echo both)
# More flags for JupyterLab, such as: make lab LAB_FLAGS="--no-browser --port 8890"
LAB_FLAGS ?=
# More flags for the web edition, such as: make site SITE_FLAGS="--lesson 03 --serve"
SITE_FLAGS ?=
# Long files come first (tests/conftest.py); xdist by itself begins with those that have the most tests.
PYTEST := $(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: help lab test test-fast test-oldest test-newest bench build site lint lock lock-check clean

help:
	@echo "make lab        set up (the first time) and open JupyterLab on the lessons;"
	@echo "                TRACK=pytorch or TRACK=keras installs only that framework"
	@echo "make test       set up for development and run every test (40 to 80 minutes on two cores)"
	@echo "make test-fast  the quick tests only (one to three minutes on two cores); Keras is tried less than PyTorch"
	@echo "make test-oldest, make test-newest"
	@echo "                the tests with the lowest, or the newest, versions that pyproject.toml allows (need the network)"
	@echo "make bench      measure speed side by side with other libraries"
	@echo "make build      lesson texts -> notebooks, explorers -> recordings"
	@echo "make site       the web edition, into dist/site (the first time it executes every notebook)"
	@echo "make lint       ruff, mypy, and who may import whom"
	@echo "make lock       renew requirements.lock from pyproject.toml"
	@echo "make lock-check does the lock hold for every Python that is accepted? (needs the network)"

# $(1): who it is for, $(2): the track, $(3): the goal to name in messages
install = @$(PYTHON) scripts/install.py --for $(1) --track $(2) --venv $(VENV) --torch $(TORCH) --goal "make $(3) PYTHON={python}"

$(VENV)/.learner-%: pyproject.toml requirements.lock
	$(call install,learner,$*,$(or $(firstword $(MAKECMDGOALS)),lab))

$(VENV)/.dev: pyproject.toml requirements.lock
	$(call install,developer,both,$(or $(firstword $(MAKECMDGOALS)),test))

lab: $(VENV)/.learner-$(TRACK)
	@echo "Opening JupyterLab. Stop it with Ctrl-C in this window."
	@$(PY) -m course_lib lab $(if $(filter both,$(TRACK)),,--track $(TRACK)) -- $(LAB_FLAGS)

test: $(VENV)/.dev
	@rm -rf $(NBVAL)
	$(PY) -m course_lib build --check
	$(PY) -m course_lib explorers --check
	$(PY) -m course_lib claims --notebooks $(NBVAL)
	$(PY) -m course_lib verify-graders --fresh --seeds 2
	JUPYTER_PATH=$(CURDIR)/$(NBVAL) $(PYTEST) -m "not built_site" tests $(NBVAL) --nbval-lax --nbval-cell-timeout 120 --durations 20
	$(PY) -m course_lib site --check --output test-artefacts/site
	$(PY) -m pytest -n 2 -m built_site tests/browser/test_site_pages.py

test-fast: $(VENV)/.dev
	$(PYTEST) -m "not slow and not browser and not gpu" tests

site: $(VENV)/.dev
	$(PY) -m course_lib site --check $(SITE_FLAGS)

bench: $(VENV)/.dev
	$(PY) -m course_lib bench trainers
	$(PY) -m course_lib bench live
	$(PY) -m course_lib bench grading --light
	$(PY) -m course_lib bench lessons
	$(PY) -m course_lib bench playground
	$(PY) -m course_lib bench site

build: $(VENV)/.dev
	$(PY) -m course_lib build
	$(PY) -m course_lib explorers

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

RESOLVE := $(BIN)/uv pip compile --quiet --all-extras --no-header --no-annotate \
  --no-emit-index-url --no-emit-find-links pyproject.toml

# One lock for every Python and system that is accepted: uv resolves for all of them at once.
# torch is held at the version that has CPU wheels everywhere this course runs.
lock: $(VENV)/.dev
	$(RESOLVE) --python-version 3.11.0 --universal --upgrade --upgrade-package torch==2.13.0 --output-file requirements.lock

# Does the lock hold for the first release of each Python, too? (Needs the network.)
lock-check: $(VENV)/.dev
	@for version in 3.11.0 3.12.0 3.13.0; do \
	  $(RESOLVE) --python-version $$version --constraint requirements.lock --output-file /dev/null && echo "$$version: the lock resolves" || exit 1; \
	done

# The lowest and the newest versions that pyproject.toml allows, of everything it names, in environments of their own.
test-oldest: RESOLUTION := lowest-direct
test-newest: RESOLUTION := highest
test-oldest test-newest: END = $(@:test-%=%)
test-oldest test-newest: $(VENV)/.dev
	@mkdir -p test-artefacts
	$(RESOLVE) --python $(PY) --resolution $(RESOLUTION) --upgrade --output-file test-artefacts/requirements-$(END).txt
	$(BIN)/uv venv --quiet --clear --seed --python $(PY) $(VENV)-$(END)
	$(BIN)/uv pip install --python $(VENV)-$(END)/bin/python --requirement test-artefacts/requirements-$(END).txt --editable .
	$(VENV)-$(END)/bin/python -m course_lib verify-graders --fresh
	$(VENV)-$(END)/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not gpu and not browser" tests

clean:
	rm -rf test-artefacts .proof-cache .site-cache dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
