"""Benchmarks: `python -m tests.bench NAME` measures both sides in one run and prints one JSON object."""
