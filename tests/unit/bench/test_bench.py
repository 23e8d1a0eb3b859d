"""tests/bench: statistics, table, turns, refusals. Nothing depends on how fast a machine is."""

import json
import os
import subprocess
import sys
import time
from itertools import islice

import pytest

from common.errors import RunError
from tests.bench import __main__ as bench
from tests.bench import plan, scaling, sides, table
from tests.conftest import ROOT, assert_user_error


def side(*medians, parameters=5, **fields):
    """A side's answers: a block of three units around each median, in seconds."""
    blocks = [
        {"times": [m / 2, m, 9 * m], "cpu": m, "feed": m / 50, "memory": 2**20} for m in medians
    ]
    return {"blocks": blocks, "first": 1.5, "parameters": parameters, "version": "x", **fields}


def row(**fields):
    peers = {"eager": {}, "compile": {}}
    return plan.Row("train-x", "X, training step", {}, peers, must=0.8, **fields)


def test_a_block_counts_by_its_median_and_pairs_of_blocks_by_their_ratio():
    entry = table.record(row(), {"ours": side(1, 2, 4), "eager": side(2, 4, 4)})
    assert entry["sides"]["ours"]["median"] == 2
    assert (entry["sides"]["ours"]["low"], entry["sides"]["ours"]["high"]) == (1, 4)
    assert entry["ratio"] == {"median": 0.5, "low": 0.5, "high": 1.0}


def test_the_fastest_peer_counts_and_one_that_failed_does_not():
    results = {"ours": side(1), "eager": side(4), "compile": side(3)}
    assert table.record(row(), results)["best"] == "compile"
    results["compile"] = {"failed": "no answer within 60 s"}
    assert table.record(row(), results)["best"] == "eager"


def test_scaled_work_is_multiplied_on_its_own_side_only():
    entry = table.record(row(scale=10, peer_scale=200), {"ours": side(1), "eager": side(2)})
    assert entry["sides"]["ours"]["median"] == 10 and entry["sides"]["eager"]["median"] == 400
    assert table.markdown([entry], True).count("(scaled)") == 2


def test_networks_of_different_size_are_not_compared():
    with pytest.raises(ValueError, match="networks differ"):
        table.record(row(), {"ours": side(1), "eager": side(1, parameters=6)})


def test_the_table_says_times_ratio_targets_start_memory_and_feeding():
    results = {"ours": side(0.1, 0.1), "plain": side(0.4, 0.4), "eager": side(0.2, 0.2)}
    text = table.markdown([table.record(row(), results)], True)
    for words in ("100 ± 0 ms", "400 ± 0 ms", "200 ± 0 ms, eager", "**0.5**", "≤ 0.8", "2.0 %"):
        assert words in text
    assert "1.5 / 1.5 s" in text and "1 / 1 MiB" in text
    alone = table.markdown([table.record(row(), {"ours": side(0.1)})], False)
    assert "PyTorch" not in alone and "100 ± 0 ms" in alone


def test_exponents():
    assert scaling.exponent([[10, 3.0], [20, 5.0], [40, 12.0]]) == pytest.approx(1.0)
    assert scaling.exponent([[10, 3.0], [20, 12.0]]) == pytest.approx(2.0)


def test_earlier_results_are_kept(tmp_path):
    for minutes in (1, 2):
        bench.write({"minutes": minutes}, "table", tmp_path)
    assert json.loads((tmp_path / "bench.json").read_text())["minutes"] == 2
    (kept,) = tmp_path.glob("bench-*.json")
    assert json.loads(kept.read_text())["minutes"] == 1


def run(tmp_path, **variables):
    command = [sys.executable, "-m", "tests.bench", "--rounds", "1", "--out", str(tmp_path)]
    environment = {k: v for k, v in sides.surroundings().items() if not k.startswith("BENCH_")}
    return subprocess.run(
        command, cwd=ROOT, env=environment | variables, capture_output=True, text=True
    )


def test_without_pytorch_our_side_is_measured_and_a_sentence_says_so(tmp_path):
    result = run(tmp_path, BENCH_ONLY="ema")
    assert result.returncode == 0, result.stderr
    assert "PyTorch: not asked for" in result.stdout
    (entry,) = json.loads((tmp_path / "bench.json").read_text("utf-8"))["rows"]
    assert list(entry["sides"]) == ["ours"] and entry["sides"]["ours"]["median"] > 0
    assert entry["sides"]["ours"]["parameters"] == 1159108 and entry["best"] is None
    assert "EMA update" in (tmp_path / "table.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"BENCH_TORCH": "/no/such/python"}, ["BENCH_TORCH", "/no/such/python"]),
        ({"BENCH_TORCH": sys.executable}, ["cannot import torch"]),
        ({"BENCH_ONLY": "ema,nonsense"}, ["nonsense", "train-vae"]),
    ],
)
def test_wrong_settings_are_refused_in_a_sentence(variables, words, tmp_path):
    assert_user_error(run(tmp_path / "out", **variables), *words)
    assert not (tmp_path / "out").exists()


def test_the_page_needs_a_measurement(tmp_path):
    command = [sys.executable, "-m", "tests.bench", "--page", "--out", str(tmp_path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert_user_error(result, "--scaling")


def worker(code):
    """A measured process made of a few lines of Python."""
    text = "from tests.bench.clock import Clock, repeat\n" + code

    class Worker(sides.Side):
        COMMAND = (sys.executable, "-c", text)

    return lambda: Worker(None, None, None)


GOOD = "repeat(Clock({'parameters': 1, 'version': 'x'}), lambda: print('noise'))"


def test_sides_take_turns_and_one_that_dies_is_told():
    makers = {
        "good": worker(GOOD),
        "bad": worker("raise SystemExit('it is broken')"),
        "later": worker("n = iter(range(3))\n" + GOOD.replace("print('noise')", "next(n)")),
    }
    makers["slow"] = makers["good"]
    results = sides.in_turns(makers, rounds=3, seconds=0, least=5, rare=("slow",))
    assert [len(block["times"]) for block in results["good"]["blocks"]] == [5, 5, 5]
    assert len(results["slow"]["blocks"]) == 2
    assert results["good"]["parameters"] == 1 and results["good"]["first"] > 0
    assert "it is broken" in results["bad"]["failed"]
    assert "StopIteration" in results["later"]["failed"]


def states(pid):
    """What the process is doing, every 20 ms: "T" is stopped."""
    while True:
        with open(f"/proc/{pid}/stat") as file:
            yield file.read().rpartition(")")[2].split()[0]
        time.sleep(0.02)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_side_is_stopped_while_others_work():
    one = worker(GOOD)()
    try:
        assert "T" in islice(states(one.process.pid), 500)
        assert len(one.block(0, 3)["times"]) == 3
    except FileNotFoundError:
        pytest.skip("no /proc here")
    finally:
        one.close()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing ends it")
def test_a_stopped_side_does_not_outlive_a_parent_that_is_killed():
    code = f"""
import os, signal, sys
from tests.bench import sides
sides.Side.COMMAND = (sys.executable, "-c", {"from tests.bench.clock import *;" + GOOD!r})
print(sides.Side(None, None, None).process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    for _ in range(500):
        if not os.path.exists(f"/proc/{done.stdout.strip()}/cmdline"):
            return
        time.sleep(0.02)
    with open(f"/proc/{done.stdout.strip()}/stat") as file:
        assert " Z " in file.read()  # dead; whoever adopted it has not looked yet


def test_our_own_failure_stops_the_bench(monkeypatch):
    monkeypatch.setattr(plan.Row, "makers", lambda *_: {"ours": worker("raise SystemExit('oh')")})
    with pytest.raises(RunError, match="train-x: oh"):
        bench.measure(row(), None, "cpu", 1)
