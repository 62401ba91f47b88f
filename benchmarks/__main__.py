"""Run every benchmark in turn: `make bench`. Each module says what it measures and can be run alone."""

from __future__ import annotations

import importlib

MODULES = ("spine", "compare")

for name in MODULES:
    print(f"\n== {name}")
    importlib.import_module(f"benchmarks.{name}").main()
