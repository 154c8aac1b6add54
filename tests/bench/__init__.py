"""Benchmarks: `make bench`. They publish ratios, because absolute times on shared machines mean little."""
