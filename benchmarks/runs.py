"""What `hotward runs` takes with many runs: CPU seconds, seconds a run and peak memory, in a process of its own.

    uv run python benchmarks/runs.py RUN [--numbers 10 100 1000]

RUN is a finished run; it is copied under other names into a temporary folder, which needs that many times its size.
The CPU seconds of an empty folder are those of starting Python; they are taken off before the rest is divided.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--numbers", type=int, nargs="+", default=[10, 100, 1000])
    asked = parser.parse_args()
    print("runs   CPU s   ms a run   peak MiB")
    start = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for number in (0, *sorted(asked.numbers)):
            for index in range(len(list(Path(folder).iterdir())), number):
                shutil.copytree(asked.run, Path(folder) / f"{asked.run.name}-{index:05d}")
            taken, peak = _listed(folder)
            start = start if number else taken
            each = f"{1e3 * (taken - start) / number:8.2f}" if number else 8 * " "
            print(f"{number:4d} {taken:7.2f}   {each}   {peak:8.0f}")


def _listed(folder: str) -> tuple[float, float]:
    """CPU seconds and peak memory (MiB) of one listing, after another that makes the files warm."""
    command = [sys.executable, "-m", "hotward", "runs", "--runs", folder]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:  # noqa: S603
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"hotward runs ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
