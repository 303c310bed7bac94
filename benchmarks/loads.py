"""What great loads take, each in a process of its own: seconds, CPU seconds, the first line of results, peak memory.

    uv run python benchmarks/loads.py [--only import shots sweeps] [--scale 1.0] [--folder DIR]

* import: a table of 200 MB whose rows add up to 2000 points in 5 settings, one with decimal commas, one with a row a
  shot, one of bit strings, and a JSON list of rows.
* shots: 10^7 and 10^8 shots a setting and point on aer, at two points in ZZ; memory must not grow with them.
* sweeps: 20 000 points predicted, run on the exact device, and imported.

`--scale` makes files and shots smaller or larger. Seconds depend on the machine; memory hardly does. Files are made in
a temporary folder, of which 2 GB are needed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from protocols.heat_exchange import HeatExchange
from protocols.pauli import outcome_probabilities, parse_bases

HOTWARD = [sys.executable, "-m", "hotward"]
POINTS, SPAN, SHOTS = 2000, 7.0, 100_000
ROWS = 9_800_000
"""Of a file of 200 MB."""
BASES = parse_bases("x-state", 2)
Counted = list[tuple[float, str, int, int, int]]
"""Time, setting, bits and counts."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """One command."""

    name: str
    words: tuple[str, ...]


def main() -> None:
    """Carries the loads out and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--only", nargs="*", choices=("import", "shots", "sweeps"), default=("import", "shots", "sweeps")
    )
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--folder", type=Path, help="where files and runs are made; a temporary one by default")
    given = parser.parse_args()
    made = {"import": imports, "shots": shots, "sweeps": sweeps}
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        print("| load | wall s | first result s | CPU s | peak MiB |\n|---|---|---|---|---|")
        for kind in given.only:
            for load in made[kind](Path(folder), given.scale):
                print(_carried_out(load, Path(folder)), flush=True)


def imports(folder: Path, scale: float) -> Iterator[Load]:
    """Tables of 200 MB."""
    counted = _counted(POINTS, SHOTS)
    pieces = max(1, round(ROWS * scale / len(counted)))
    for name, written in (("rows that add up", "csv"), ("decimal commas", "semicolons"), ("bit strings", "bits")):
        path = folder / f"{written}.csv"
        _write_divided(path, counted, pieces, written)
        yield _import(f"import of {name}, {path.stat().st_size / 1e6:.0f} MB", path)
        path.unlink()
    path = folder / "shots.csv"
    _write_shots(path, counted, round(ROWS * scale))
    yield _import(f"import of a row a shot, {path.stat().st_size / 1e6:.0f} MB", path)
    path.unlink()
    path = folder / "rows.json"
    _write_divided(path, counted, max(1, pieces // 3), "json")
    yield _import(f"import of rows in JSON, {path.stat().st_size / 1e6:.0f} MB", path)
    path.unlink()


def shots(folder: Path, scale: float) -> Iterator[Load]:
    """Shots on aer."""
    for number in (10**7, 10**8):
        asked = ("--shots", str(round(number * scale)), "--set", "time=7", "--bases", "ZZ", "--seed", "1")
        yield Load(name=f"{number * scale:.0e} shots on aer", words=("run", "heat-exchange", "--device", "aer", *asked))


def sweeps(folder: Path, scale: float) -> Iterator[Load]:
    """Sweeps of 20 000 points."""
    points = round(20_000 * scale)
    swept = ("heat-exchange", "--set", f"time=0:{SPAN:g}:{points}")
    yield Load(name=f"predict {points} points", words=("predict", *swept))
    exact = ("--device", "exact", "--bases", "ZZ", "--seed", "1")
    yield Load(name=f"run of {points} points, exact, ZZ", words=("run", *swept, *exact))
    path = folder / "sweep.csv"
    _write_divided(path, [row for row in _counted(points, 4096) if row[1] == "ZZ"], 1, "csv")
    yield _import(f"import of {points} points, ZZ", path)


def _import(name: str, path: Path) -> Load:
    return Load(name=name, words=("import", str(path), "--order", "last"))


def _counted(points: int, number: int) -> Counted:
    times = np.linspace(0, SPAN, points).round(6)
    experiment = HeatExchange(time=times.tolist())
    states = experiment.state(experiment.points({}, reference="nominal"))
    generator = np.random.default_rng(1)
    return [
        (time, basis, k >> 1, k & 1, n)
        for time, rho in zip(times.tolist(), states, strict=True)
        for basis in BASES
        for k, n in enumerate(generator.multinomial(number, outcome_probabilities(rho, basis)).tolist())
        if n
    ]


def _write_divided(path: Path, counted: Counted, pieces: int, written: str) -> None:
    """The counts divided at random among several rows of each outcome."""
    generator = np.random.default_rng(2)
    left = np.array([n for *_, n in counted])
    heads = {"csv": "time,basis,A,B,count", "semicolons": "time;basis;A;B;count", "bits": "time,basis,outcome,count"}
    with path.open("w") as file:
        file.write(f"{heads[written]}\n" if written in heads else "[")
        for piece in range(pieces):
            taken = generator.binomial(left, 1 / (pieces - piece))
            left -= taken
            rows = (_row(*row[:4], n, written) for row, n in zip(counted, taken.tolist(), strict=True))
            ends = "\n" if written in heads else ",\n"
            text = ends.join(rows)
            file.write(text + ("\n" if written in heads else "]" if piece == pieces - 1 else ",\n"))


def _row(time: float, basis: str, a: int, b: int, count: int, written: str) -> str:
    if written == "semicolons":
        return f"{time:.6f};{basis};{a};{b};{count}".replace(".", ",")
    if written == "bits":
        return f"{time:.6f},{basis},{b}{a},{count}"
    if written == "json":
        return f'{{"time": {time!r}, "basis": "{basis}", "A": {a}, "B": {b}, "count": {count}}}'
    return f"{time:.6f},{basis},{a},{b},{count}"


def _write_shots(path: Path, counted: Counted, rows: int) -> None:
    """A row a shot, in an order of no meaning."""
    generator = np.random.default_rng(3)
    number = np.array([n for *_, n in counted])
    chosen = generator.permutation(np.repeat(np.arange(len(counted)), np.maximum(1, number * rows // number.sum())))
    labels = [_row(*row[:4], 1, "csv") for row in counted]
    with path.open("w") as file:
        file.write("time,basis,A,B,count\n")
        for start in range(0, len(chosen), 10**5):
            file.writelines(f"{labels[k]}\n" for k in chosen[start : start + 10**5].tolist())


def _carried_out(load: Load, folder: Path) -> str:
    """One row of the table."""
    words = [*HOTWARD, *load.words, *(() if load.words[0] == "predict" else ("--runs", str(folder / "runs")))]
    begun, first = time.monotonic(), float("nan")
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        assert process.stdout is not None
        for line in process.stdout:
            if first != first and not line.startswith(
                (b"import of", b"read:", b"assumed:", b"note:", b"heat-exchange on")
            ):
                first = time.monotonic() - begun
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    took = time.monotonic() - begun
    said = load.name if process.returncode == 0 else f"{load.name} (status {process.returncode})"
    cpu = used.ru_utime + used.ru_stime
    return f"| {said} | {took:.0f} | {first:.0f} | {cpu:.0f} | {used.ru_maxrss / 1024:.0f} |"


if __name__ == "__main__":
    main()
