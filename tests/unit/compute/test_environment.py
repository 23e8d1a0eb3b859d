"""environment.py: defaults are set, the user's own settings win, unknown CPUs are left alone."""

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from common.compute import environment

ROOT = Path(__file__).resolve().parents[3]
AMD512 = "vendor_id\t: AuthenticAMD\nflags\t\t: fpu avx2 avx512f avx512dq avx512bw avx512vl\n"


def python(code, **variables):
    """Run code in a fresh process without the settings of this one; its last line as JSON."""
    base = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("MALLOC_", "OMP_", "MKL_", "GENMODELS_DEF"))
    }
    base.pop("GENMODELS_FAST", None)
    command = [sys.executable, "-c", code]
    out = subprocess.run(
        command, env=base | variables, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return json.loads(out.stdout.splitlines()[-1]), out.stderr


REPORT = (
    "import json, os; from common.compute import environment as cpu; "
    "print(json.dumps([cpu.settings(), dict(os.environ)]))"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (AMD512, "7"),
        (AMD512.replace("avx512vl", ""), "5"),
        (AMD512.replace("avx512", "no"), "5"),
        (AMD512.replace("avx", "no"), None),
        (AMD512.replace("AuthenticAMD", "GenuineIntel"), None),
        ("processor : 0\nFeatures : fp asimd\n", None),
    ],
)
def test_mkl_kernels_only_where_the_cpu_has_them(tmp_path, text, expected):
    path = tmp_path / "cpuinfo"
    path.write_text(text)
    assert environment.mkl_kernels(str(path)) == expected


def test_no_cpuinfo_means_no_switch(tmp_path):
    assert environment.mkl_kernels(str(tmp_path / "none")) is None


def test_defaults_are_set_and_reported():
    (settings, variables), _ = python(REPORT)
    assert variables["OMP_NUM_THREADS"] == "1"
    assert settings["OMP_NUM_THREADS"] == {"value": "1", "from": "default"}
    assert variables.get("MKL_DEBUG_CPU_TYPE") == environment.mkl_kernels()


def test_settings_of_the_user_win():
    (settings, variables), _ = python(
        REPORT, OMP_NUM_THREADS="3", MKL_DEBUG_CPU_TYPE="4", MALLOC_TOP_PAD_="4096"
    )
    assert variables["OMP_NUM_THREADS"] == "3"
    assert variables["MKL_DEBUG_CPU_TYPE"] == "4"
    assert settings["OMP_NUM_THREADS"] == {"value": "3", "from": "user"}
    assert settings["malloc"] == {"value": "environment", "from": "user"}


CHAIN = """
import json, os, subprocess, sys
from common.compute import environment
depth, changed = int(os.environ.pop("DEPTH")), json.loads(os.environ["CHANGED"])
if depth:
    command = [sys.executable, "-c", os.environ["CODE"]]
    child = os.environ | changed | {"DEPTH": str(depth - 1)}
    sys.exit(subprocess.run(command, env=child).returncode)
print(json.dumps([environment.settings(), os.environ.get("OMP_NUM_THREADS")]))
"""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, {"value": "1", "from": "default"}),
        ({"OMP_NUM_THREADS": "3"}, {"value": "3", "from": "user"}),
        ({"GENMODELS_FAST": "0"}, None),
    ],
)
def test_a_childs_child_knows_a_default_from_a_wish(changed, expected):
    """As demo.py and the report start run scripts; changed: set by the user on the way."""
    (settings, value), _ = python(CHAIN, CODE=CHAIN, DEPTH="2", CHANGED=json.dumps(changed))
    assert settings.get("OMP_NUM_THREADS") == expected
    assert value == (expected or {}).get("value")


def test_inherited_are_the_defaults_that_nobody_has_changed(monkeypatch):
    monkeypatch.setenv("GENMODELS_DEFAULTS", "OMP_NUM_THREADS=1,MKL_DEBUG_CPU_TYPE=7,GONE=2")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("MKL_DEBUG_CPU_TYPE", "5")
    assert environment.inherited() == {"OMP_NUM_THREADS"}


def test_the_switch_leaves_everything_alone():
    (settings, variables), _ = python(REPORT, GENMODELS_FAST="0")
    assert settings == {}
    assert "MKL_DEBUG_CPU_TYPE" not in variables
    assert "OMP_NUM_THREADS" not in variables


def test_a_trick_can_be_left_out_by_name():
    (settings, variables), _ = python(REPORT, GENMODELS_FAST="-omp,-malloc")
    assert "OMP_NUM_THREADS" not in variables and "malloc" not in settings
    assert variables.get("MKL_DEBUG_CPU_TYPE") == environment.mkl_kernels()


def test_the_door_to_compute_opens_without_paddle():
    code = """
import sys
from common import compute
compute.settings()
try:
    compute.Gradients
except AttributeError:
    print(int("paddle" in sys.modules))
"""
    assert python(code)[0] == 0


def test_a_script_starts_without_paddles_warning_of_a_compiler_cache(script):
    result = script("ae/run.py", "--list-presets")
    assert result.returncode == 0 and result.stderr == ""


def test_who_imports_the_project_keeps_all_warnings():
    _, errors = python("import common, paddle, warnings; warnings.warn('kept'); print(1)")
    assert "kept" in errors


def test_blas_threads_change_at_run_time_for_the_calling_thread_only():
    code = """
import ctypes, json, os, threading
from common.compute import environment as cpu
import paddle
if not cpu.set_blas_threads(1):
    print("null")
    raise SystemExit
omp = ctypes.CDLL("libiomp5.so", mode=os.RTLD_NOLOAD)
seen = [omp.omp_get_max_threads()]
cpu.set_blas_threads(2)
seen.append(omp.omp_get_max_threads())
thread = threading.Thread(target=lambda: seen.append(omp.omp_get_max_threads()))
thread.start(); thread.join()
print(json.dumps(seen))
"""
    seen, _ = python(code)
    if seen is None:
        pytest.skip("no OpenMP library that can be set here")
    assert seen == [1, 2, 1]


def test_threads_counts_the_cpus_of_this_process():
    assert 1 <= environment.threads() <= (os.cpu_count() or 1)


def test_side_by_side_calls_every_job_once_also_without_openmp(monkeypatch):
    def missing(name):
        raise OSError(name)

    for _ in range(2):
        done = []
        environment.side_by_side([partial(done.append, k) for k in range(20)])
        assert sorted(done) == list(range(20))
        monkeypatch.setattr(environment, "_loaded", missing)


def test_side_by_side_raises_what_a_job_raises():
    with pytest.raises(ZeroDivisionError):
        environment.side_by_side([lambda: None, lambda: 1 / 0])


def test_side_by_side_uses_the_cores_of_the_calling_thread():
    code = """
import common, paddle, threading
from common.compute import environment as cpu
paddle.matmul(paddle.ones([9, 9]), paddle.ones([9, 9]))
meeting = threading.Barrier(2, timeout=20)
if cpu.set_blas_threads(2):
    cpu.side_by_side([meeting.wait] * 2)  # breaks if one thread calls both
    print("met")
"""
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    if sys.platform == "linux":
        assert result.stdout.strip() == "met"
