# make demo | test | lint | setup
PYTHON ?= python3
DEVICE ?= $(shell nvidia-smi >/dev/null 2>&1 && echo gpu || echo cpu)
VENV := .venv
PY := $(VENV)/bin/python
REQUIREMENTS := $(if $(filter gpu,$(DEVICE)),requirements-gpu.txt,requirements.txt)
STAMP := $(VENV)/.ready-$(DEVICE)
# BEGIN TEACHER
# make handout | gradescope | bench | report
.PHONY: handout gradescope bench report
DEV := requirements-dev.txt
DEV_STAMP := $(VENV)/.ready-dev
# END TEACHER

.PHONY: demo test lint setup

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

# BEGIN TEACHER
$(DEV_STAMP): $(DEV) $(STAMP)
	$(PY) -m pip install --disable-pip-version-check -q -r $(DEV)
	@touch $@

handout: setup
	$(PY) handout.py --out dist/handout

gradescope: setup
	$(PY) -m tests.grading.gradescope.build --out dist/gradescope.zip

bench: setup
	$(PY) -m tests.bench --device $(DEVICE)

report: setup
	$(PY) reproduce.py --profile quick
# END TEACHER
