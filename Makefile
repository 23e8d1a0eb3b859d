# make demo | test | setup
PYTHON ?= python3
DEVICE ?= $(shell nvidia-smi >/dev/null 2>&1 && echo gpu || echo cpu)
VENV := $(if $(filter gpu,$(DEVICE)),.venv-gpu,.venv)
PY := $(VENV)/bin/python
REQUIREMENTS := $(if $(filter gpu,$(DEVICE)),requirements-gpu.txt,requirements.txt)
STAMP := $(VENV)/.ready-$(DEVICE)
# BEGIN TEACHER
# make lint | handout | gradescope | bench | report | results | matrix
.PHONY: lint handout gradescope bench report results matrix
DEV := requirements-dev.txt
DEV_STAMP := $(VENV)/.ready-dev
EXTRA := requirements-teacher.txt
PARALLEL := -n auto --maxprocesses 4 --dist loadfile
# END TEACHER

.PHONY: demo test setup

demo: setup
	$(PY) demo.py

test: setup $(DEV_STAMP)
	$(PY) -m pytest $(PARALLEL) -m "not slow and not fuzz"

setup: $(STAMP)

$(STAMP): $(REQUIREMENTS) requirements-common.txt $(EXTRA)
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 14))' || \
	  { echo "error: Paddle needs Python 3.10 to 3.13: make setup PYTHON=python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --disable-pip-version-check -q -r $(REQUIREMENTS) || \
	  { $(PY) -m common.doctor --wheels $(DEVICE); exit 2; }
	@$(PY) -m common.doctor --paddle
	@touch $@

# BEGIN TEACHER
$(DEV_STAMP): $(DEV) $(STAMP)
	$(PY) -m pip install --disable-pip-version-check -q -r $(DEV)
	@touch $@

lint: setup $(DEV_STAMP)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

handout: setup
	$(PY) handout.py --out dist/handout

gradescope: setup
	$(PY) -m tests.grading.gradescope.build --out dist/gradescope.zip

bench: setup
	$(PY) -m tests.bench --device $(DEVICE)

report: setup
	$(PY) reproduce.py --profile quick

results: setup
	$(PY) -m tests.bench.results

matrix:
	$(PYTHON) -m tests.matrix
# END TEACHER
