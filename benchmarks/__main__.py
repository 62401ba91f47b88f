"""Run every benchmark in turn: `make bench`. Each says what it measures and can be run alone as printed."""

from __future__ import annotations

import os
import subprocess
import sys

COMMANDS = ("spine", "ledger set", "ledger xlsx", "impact", "compare", "journey")


def main() -> None:
    failed = []
    for command in COMMANDS:
        print(f"\n== python -m benchmarks.{command}", flush=True)
        module, *arguments = command.split()
        # One thread for the linear algebra: small inverses only get in each other's way.
        done = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{module}", *arguments],
            check=False, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
        if done.returncode:
            failed.append(command)
    if failed:
        raise SystemExit(f"did not end well: {', '.join(failed)}")


if __name__ == "__main__":
    main()
