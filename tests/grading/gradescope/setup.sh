#!/usr/bin/env bash
# Gradescope runs this once, when the autograder image is built.
set -euo pipefail
apt-get update -q
apt-get install -y -q --no-install-recommends python3 python3-venv libseccomp2 libgomp1
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || {
  echo "$(python3 --version) is too old here: choose Ubuntu 22.04 or newer as the base image" >&2
  exit 1
}
python3 -m venv /autograder/venv
/autograder/venv/bin/pip install -q --no-cache-dir -r /autograder/source/requirements.txt
