"""How often 95 % intervals hold the truth, how wide they are, and how close estimates come to the Cramer-Rao bound.

    uv run python benchmarks/coverage.py [--out docs/coverage.csv] [--runs 1000] [--draws 100] [--jobs 2] [--seed 17]

Simulated data of exactly known states, in the cases that `coverage_study/cases.py` lists with their design: twenty
states at time 0 and later, ranks 1 to 4, 40 to 50000 shots a setting, equal and unequal, nine, five and three settings
and ZZ alone, ideal and calibrated readout, eigenstate by eigenstate and drawn from the mixture. Every run has counts, a
calibration and bootstrap draws of its own. A row is one case, time, quantity and method: the default, and in a few
cases other methods on the same draws. What makes a row fail is said in `coverage_study/judgement.py`.

Every row has the same number of runs, and none is run again for having failed. Rows go to the CSV as cases come in;
cases that are there are not run again, and once all are there the file is sorted. `--narrow 0.8` plants intervals 20 %
too narrow. Seconds of a processor are printed case by case.
"""

from __future__ import annotations

import argparse
import csv
import os
import time
import warnings
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from coverage_study import CASES, COMPARED, FACTORS, METHODS, MOMENTS, Case, Intervals, Simulation, judged
from threadpoolctl import threadpool_limits

from analysis.intervals import Estimate

SLAB = 100
"""Runs side by side."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How a table is measured."""

    runs: int = 1000
    draws: int = 100
    seed: int = 17
    narrow: float = 1.0
    """Factor on the width of every interval."""
    names: Collection[str] = ()
    """Quantities to look at; all if there are none."""
    compare: bool = True
    """Whether other methods are measured in `COMPARED`."""


def main() -> None:
    """Runs what is missing, prints what fails and what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("docs/coverage.csv"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--narrow", type=float, default=1.0, help="factor on the width of every interval")
    parser.add_argument("--names", nargs="*", default=(), help="quantities to look at; by default all")
    parser.add_argument("--states", nargs="*", default=(), help="states whose cases are run; by default all")
    parser.add_argument("--compare", action=argparse.BooleanOptionalAction, default=True, help="other methods too")
    given = vars(parser.parse_args())
    out, jobs, states = (given.pop(name) for name in ("out", "jobs", "states"))
    asked, known = Asked(**given), _read(out)
    if {row.get("runs") for row in known} - {str(asked.runs)}:
        raise SystemExit(
            f"{out} holds rows of another number of runs than {asked.runs}: remove it, or name another file."
        )
    there = {tuple(row[name] for name in FACTORS) for row in known}
    left = [case for case in CASES if case.name not in there and (not states or case.state in states)]
    with ProcessPoolExecutor(max_workers=jobs) as workers:
        for done in as_completed([workers.submit(_one, case, asked) for case in left]):
            case, rows, seconds = done.result()
            _append(out, rows)
            bad = [f"{r['observable']} {r['subject']} {r['moment']} {r['coverage']}" for r in rows if failing(r)]
            print(*case.name, f"{seconds:.1f} s:", "; ".join(bad) or "no default fails", flush=True)
    _sort(out)


def failing(row: dict[str, Any]) -> bool:
    """Whether a row of a default method covers too seldom, too often, or never has an interval."""
    return row["default"] == "yes" and row["verdict"] != "covers"


def _one(case: Case, asked: Asked) -> tuple[Case, list[dict[str, Any]], float]:
    """A case, its rows, and the seconds of a processor that they took."""
    begin = time.process_time()
    with threadpool_limits(1), warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        rows = measure(case, asked)
    return case, rows, time.process_time() - begin


def measure(case: Case, asked: Asked) -> list[dict[str, Any]]:
    """All rows of one case."""
    simulated = Simulation(case)
    kept = [o for o in simulated.observables() if not asked.names or o.name in asked.names]
    exact = list(zip(simulated.truths(kept), simulated.bounds(kept), strict=True))
    known = {(o.name, o.subject): both for o, both in zip(kept, exact, strict=True)}
    rows = []
    for method in ("", *(METHODS if asked.compare and case in COMPARED else ())):
        slabs = [range(k, min(k + SLAB, asked.runs)) for k in range(0, asked.runs, SLAB)]
        found = [simulated.estimates(kept, slab, asked.draws, method, asked.seed) for slab in slabs]
        for parts in zip(*found, strict=True):
            own = parts[0].observable
            for moment, row in _judged(parts, *known[own.name, own.subject], asked.narrow):
                base = dict(zip(FACTORS, case.name, strict=True))
                base |= {"moment": moment, "observable": own.name, "subject": own.subject}
                base |= {"method": parts[0].interval, "default": "no" if method else "yes"}
                rows.append(base | row)
    return rows


def _judged(
    parts: Sequence[Estimate], truths: np.ndarray, bounds: np.ndarray, narrow: float
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rows of one quantity, at both times unless it compares them."""
    names = ("value", "stderr", "low", "high", "corrected")
    for k, moment in enumerate(MOMENTS[:1] if parts[0].observable.reference else MOMENTS):
        if not np.isfinite(truths[k]):
            continue
        arrays = {name: np.concatenate([getattr(p, name)[k :: len(MOMENTS)] for p in parts]) for name in names}
        sizes = dict(zip(("cramer_rao", "stratified"), bounds[:, k], strict=True))
        row = judged(Intervals(**arrays).narrowed(narrow), float(truths[k]), parts[0].observable.bounds)
        yield moment, row | {name: f"{size:.4g}" if np.isfinite(size) else "" for name, size in sizes.items()}


def _read(path: Path) -> list[dict[str, str]]:
    """Rows; none where there is no file yet."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _append(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """All rows of a case in one write, so that a case is in the file as a whole or not at all."""
    if not rows:  # none of the quantities that were named
        return
    new = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerows(rows)


def _sort(path: Path) -> None:
    """Cases in the order of their list, whichever came in first."""
    order = {case.name: place for place, case in enumerate(CASES)}
    rows = sorted(_read(path), key=lambda row: order[tuple(row[name] for name in FACTORS)])
    path.unlink()
    _append(path, rows)


if __name__ == "__main__":
    main()
