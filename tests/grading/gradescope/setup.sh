#!/usr/bin/env bash
# Gradescope runs this once, when the autograder image is built.
set -euo pipefail
apt-get update -q
apt-get install -y -q --no-install-recommends python3 python3-venv libseccomp2 libgomp1
python3 -m venv /autograder/venv
/autograder/venv/bin/pip install -q --no-cache-dir -r /autograder/source/requirements.txt
