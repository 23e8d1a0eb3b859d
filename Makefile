# make demo | test | lint | setup | handout | gradescope | bench | report
PYTHON ?= python3
DEVICE ?= $(shell nvidia-smi >/dev/null 2>&1 && echo gpu || echo cpu)
VENV := .venv
PY := $(VENV)/bin/python
REQUIREMENTS := $(if $(filter gpu,$(DEVICE)),requirements-gpu.txt,requirements.txt)
DEV := $(wildcard requirements-dev.txt)
STAMP := $(VENV)/.ready-$(DEVICE)
DEV_STAMP := $(if $(DEV),$(VENV)/.ready-dev)

.PHONY: demo test lint setup handout gradescope bench report

demo: setup
	$(PY) demo.py

test: setup $(DEV_STAMP)
	$(PY) -m pytest -m "not slow"

lint: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

setup: $(STAMP)

$(STAMP): $(REQUIREMENTS) requirements-common.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 14))' || \
	  { echo "error: Paddle needs Python 3.10 to 3.13: make setup PYTHON=python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --disable-pip-version-check -q -r $(REQUIREMENTS)
	@touch $@

$(VENV)/.ready-dev: $(DEV) $(STAMP)
	$(PY) -m pip install --disable-pip-version-check -q -r $(DEV)
	@touch $@

report: setup
	$(PY) reproduce.py --profile quick

# BEGIN TEACHER
handout: setup
	$(PY) handout.py --out dist/handout

gradescope: setup
	$(PY) -m tests.grading.gradescope.build --out dist/gradescope.zip

bench: setup
	$(PY) -m tests.bench --device $(DEVICE)
# END TEACHER
