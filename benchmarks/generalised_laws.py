"""How often intervals of the budget of a pair hold the truth: conditional entropies, divergence, residual, heat.

    uv run python benchmarks/generalised_laws.py [--runs 400] [--only coherent] [--shots 500]

Three starts of heat-exchange with 500, 2000 and 8000 shots a setting on the exact device, all nine settings. The runs
of one row are points of one run, with temperatures that differ by 1e-9; nothing is drawn again for having failed.
Table as in docs/generalised-laws.md.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analysis.data import read
from analysis.evaluation import available, ideal_values
from analysis.intervals import Methods, estimates, stored_cells
from analysis.quantities import catalogue
from devices import execute, open_device
from protocols import compile
from protocols.heat_exchange import HeatExchange

COHERENT = {"correlation": "coherent", "alpha": 0.9 * 0.185495, "correlation_phase": -np.pi / 2}
STARTS: Mapping[str, tuple[float, Mapping[str, Any]]] = {
    "defaults": (4.0, {"T_A": 2.0, "T_B": 1.0}),
    "coherent at 0.9": (6.0, {"T_A": 0.7, "T_B": 1.4, **COHERENT}),
    "uncorrelated": (6.0, {"T_A": 0.7, "T_B": 1.4, "correlation": "none"}),
}
SHOTS = (500, 2000, 8000)
ROWS = (
    ("conditional_entropy", "B|A"),
    ("conditional_entropy", "A|B"),
    ("divergence", "AB"),
    ("clausius_residual", "AB"),
    ("conditional_entropy_heat", "A"),
    ("conditional_entropy_heat", "B"),
)


def rows(runs: int, only: str, of_shots: Sequence[int], draws: int) -> Iterator[str]:
    """One line a start and number of shots: coverage of every row.

    Args:
        runs: Simulated runs of each.
        only: Beginning of a start's name; empty: all.
        of_shots: Shots a setting.
        draws: Of the analysis.
    """
    for number, (name, (time, fields)) in enumerate(STARTS.items()):
        for shots in of_shots if name.startswith(only) else ():
            swept = {**fields, "T_A": fields["T_A"] + 1e-9 * np.arange(runs)}
            experiment = HeatExchange(**swept, time=[0.0, time])
            program = compile(experiment, experiment.points({}), shots=shots, bases="full")
            with tempfile.TemporaryDirectory() as folder:
                record = execute(program, open_device("exact"), runs=Path(folder), seed=100 * number + shots)
                data = read(record, readout_correction=True)
            points = record.points
            cells = stored_cells(points, 1, record.ideal(), "", experiment, experiment.qubits)
            known = {o.key: o for o in catalogue(experiment.qubits, "AB", (), experiment)}
            wanted = list(available([known[key] for key in ROWS], data, cells))
            found = estimates(wanted, data, cells, Methods(draws=draws), data.seed)
            later = points.parameters["time"] > 0
            covered = []
            for one, ideal in zip(found, ideal_values(wanted, cells), strict=True):
                inside = (one.low <= ideal + 1e-12) & (one.high >= ideal - 1e-12)
                covered.append(f"{inside[later].mean():.3f}")
            yield f"| {name} | {shots} | " + " | ".join(covered) + " |"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--only", default="")
    parser.add_argument("--shots", type=int, nargs="+", default=SHOTS)
    parser.add_argument("--draws", type=int, default=100)
    chosen = parser.parse_args()
    print("| start | shots a setting | " + " | ".join(" ".join(key).replace("|", "\\|") for key in ROWS) + " |")
    print("|---" * (2 + len(ROWS)) + "|")
    for line in rows(chosen.runs, chosen.only, chosen.shots, chosen.draws):
        print(line, flush=True)


if __name__ == "__main__":
    main()
