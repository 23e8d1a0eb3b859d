"""`make bench`: how fast this project is, side by side with PyTorch where there is one.

    make bench                                       our side, five minutes
    BENCH_TORCH=/path/to/python make bench           side by side with that Python's PyTorch
    BENCH_ONLY=train-vae,ema make bench              some rows only
    python -m tests.bench --scaling                  each trick, and how the cost grows; long
    make bench DEVICE=gpu                            on a GPU; Linux and macOS, not Windows

Results go to results/bench/bench.json and table.md. Every side of a row is a process of its own
(`ours.py`, `theirs.py`); they work in turns, and a side whose turn it is not is stopped.
"""
