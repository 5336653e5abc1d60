# A thin front: the work is done by `course` (course_lib/cli.py), pip and pytest.
# `make lab` is for learners, `make test` for everybody else. Nothing has to be activated.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
NBVAL := test-artefacts/nbval
# More flags for JupyterLab, such as: make lab LAB_FLAGS="--no-browser --port 8890"
LAB_FLAGS ?=
PYTEST := $(PY) -m pytest -n 2 --dist loadfile

.PHONY: help lab test test-fast bench build lint lock clean

help:
	@echo "make lab        set up (the first time) and open JupyterLab on the lessons"
	@echo "make test       set up for development and run every test (about half an hour on two cores)"
	@echo "make test-fast  the quick tests only (under 90 s)"
	@echo "make bench      measure speed side by side with other libraries"
	@echo "make build      lesson texts -> notebooks"
	@echo "make lint       ruff and mypy"
	@echo "make lock       renew requirements.lock from pyproject.toml"

# $(1): the extras to install, $(2): the stamp that says it is done
define install
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || \
	  { echo "Python 3.11 or newer is needed; found $$($(PYTHON) --version). Try: make $@ PYTHON=python3.12"; exit 1; }
	@echo "Setting up $(VENV) from requirements.lock. The first time this downloads about 1 GB and takes"
	@echo "2 to 15 minutes, depending on your connection; it is not repeated."
	@test -x $(PY) || { echo "[1/3] making $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "[2/3] renewing pip"
	@$(PY) -m pip install --quiet --disable-pip-version-check --upgrade pip
	@echo "[3/3] installing packages"
	@$(PY) -m pip install --disable-pip-version-check --constraint requirements.lock --editable '.$(1)' | \
	  sed -u -n -e 's/^Collecting \([^ ;(<>=!]*\).*/      \1/p' -e '/^Successfully/p' -e '/^ERROR/p'
	@$(PY) -m course_lib doctor $(3) >/dev/null || { $(PY) -m course_lib doctor $(3); exit 1; }
	@touch $(2)
endef

$(VENV)/.learner: pyproject.toml requirements.lock
	$(call install,,$@,)

$(VENV)/.dev: pyproject.toml requirements.lock
	$(call install,[dev],$@,)
	@touch $(VENV)/.learner

lab: $(VENV)/.learner
	@echo "Opening JupyterLab. Stop it with Ctrl-C in this window."
	@$(PY) -m course_lib lab -- $(LAB_FLAGS)

test: $(VENV)/.dev
	@rm -rf $(NBVAL)
	$(PY) -m course_lib build --check
	$(PY) -m course_lib claims --notebooks $(NBVAL)
	$(PY) -m course_lib verify-graders
	$(PYTEST) tests $(NBVAL) --nbval-lax --nbval-current-env --nbval-cell-timeout 120

test-fast: $(VENV)/.dev
	$(PYTEST) -m "not slow and not browser and not gpu" tests

bench: $(VENV)/.dev
	$(PY) -m course_lib bench trainers
	$(PY) -m course_lib bench live
	$(PY) -m course_lib bench grading --light
	$(PY) -m course_lib bench lessons

build: $(VENV)/.dev
	$(PY) -m course_lib build

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check course_lib tests
	$(BIN)/mypy

# torch is held at the version that has CPU wheels everywhere this course runs.
lock: $(VENV)/.dev
	$(BIN)/pip-compile --quiet --upgrade --upgrade-package torch==2.13.0 --all-extras --strip-extras --no-header \
	  --no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host -o requirements.lock pyproject.toml
	sed -i.bak -e 's/^\(torch==[0-9.]*\)+cpu$$/\1/' -e '/^loss-curves-course @/d' requirements.lock && rm requirements.lock.bak

clean:
	rm -rf test-artefacts dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
