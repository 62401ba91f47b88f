"""Whole-process timing: median wall seconds and peak memory of commands run in turn, so that a ratio survives drift."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Median wall seconds of one command, its fastest and slowest run, and its peak resident memory in MB."""

    seconds: float
    fastest: float
    slowest: float
    peak_mb: float

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s ({self.fastest:.2f} to {self.slowest:.2f}), peak {self.peak_mb:,.0f} MB"


def _once(command: Sequence[str]) -> tuple[float, float]:
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def in_turn(*commands: Sequence[str], runs: int = 5) -> list[Timing]:
    """Run the commands A B A B …, after one warm-up each, and return a timing for each."""
    for command in commands:
        _once(command)
    rounds = [[_once(command) for command in commands] for _ in range(runs)]
    out = []
    for column in zip(*rounds, strict=True):
        seconds = [s for s, _ in column]
        out.append(Timing(statistics.median(seconds), min(seconds), max(seconds), max(mb for _, mb in column)))
    return out
