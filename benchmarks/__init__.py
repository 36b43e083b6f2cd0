"""How good, how fast, how far: each module is one command, `python -m benchmarks.NAME`."""
