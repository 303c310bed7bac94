"""How often intervals of the many second laws hold the truth: free energies, their changes, the margin of the curves.

    uv run python benchmarks/second_laws.py [--runs 400] [--only ladder] [--shots 500]

Seven cases of four protocols with 500, 2000 and 8000 shots on the exact device, which samples every shot. The runs of
one row are points of one run, with starts or baths that differ by 1e-9; nothing is drawn again for having failed.
Orders 1 and 2 are judged; order 0 jumps and is left out. Table as in docs/second-laws.md.
"""

from __future__ import annotations

import argparse
import tempfile
import typing
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analysis import analyse
from devices import execute, open_device
from protocols import compile, load

if typing.TYPE_CHECKING:
    import pandas as pd

MEASURED = {"preparation": "measured"}
CASES: Mapping[str, tuple[str, str, Mapping[str, Any], Mapping[str, str]]] = {
    "ladder, from 0.9": ("ladder-cooling", "initial", {"initial": 0.9}, MEASURED),
    "ladder, from 0.3": ("ladder-cooling", "initial", {"initial": 0.3, "T": 1.4}, MEASURED),
    "ladder, nearly thermal": ("ladder-cooling", "initial", {"initial": 0.26}, MEASURED),
    "cooling by compression": (
        "algorithmic-cooling",
        "polarisation",
        {"polarisation": 0.4, "rounds": [0, 1]},
        MEASURED,
    ),
    "coherent pair": ("coherence-reversal", "T_B", {"angle": 0.9, "T_B": 1.25}, MEASURED),
    "particle": (
        "thermophoresis",
        "bias",
        {"bias": 0.3, "T_L": 0.8, "T_R": 0.8, "angle": 0.7, "start": "halves", "rounds": 1},
        MEASURED,
    ),
    "dark pair": ("coherence-reversal", "T_B", {"angle": 0.9, "T_S": 0.7, "T_B": 2.0, "coherence": -0.6}, MEASURED),
}
SHOTS = (500, 2000, 8000)
ROWS = ("free_energy", "free_energy_change", "thermo_majorisation")
ORDERS = ("1/2", "1", "2", "inf")
COLUMNS = (*((row, f"alpha {order}") for row in ROWS[:2] for order in ORDERS), (ROWS[2], ""))


def rows(runs: int, only: str, of_shots: Sequence[int], draws: int) -> Iterator[str]:
    """One line a case and number of shots: coverage of every row.

    Args:
        runs: Simulated runs of each.
        only: Beginning of a case's name; empty: all.
        of_shots: Shots a setting.
        draws: Of the analysis.
    """
    for number, (name, (protocol, swept, fields, options)) in enumerate(CASES.items()):
        for shots in of_shots if name.startswith(only) else ():
            near = fields[swept] + 1e-9 * np.arange(runs)
            experiment = load(protocol)(**{**fields, swept: near})
            program = compile(experiment, experiment.points(options), shots=shots)
            with tempfile.TemporaryDirectory() as folder:
                record = execute(program, open_device("exact"), runs=Path(folder), seed=100 * number + shots)
                table = analyse(record, draws=draws).table
            chosen = table[table["observable"].isin(ROWS) & table["value"].notna() & (table[experiment.axis] > 0)]
            covered = [_coverage(chosen, *key) for key in COLUMNS]
            yield f"| {name} | {shots} | " + " | ".join(covered) + " |"


def _coverage(table: pd.DataFrame, row: str, scheme: str) -> str:
    """Of one row, to a thousandth; the least value that a free energy has may be reached by rounding."""
    found = table[(table["observable"] == row) & (table["scheme"] == scheme)]
    inside = (found["low"] <= found["ideal"] + 1e-12) & (found["high"] >= found["ideal"] - 1e-12)
    return f"{inside.mean():.3f}"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--only", default="")
    parser.add_argument("--shots", type=int, nargs="+", default=SHOTS)
    parser.add_argument("--draws", type=int, default=100)
    chosen = parser.parse_args()
    head = [*(f"F {order}" for order in ORDERS), *(f"change {order}" for order in ORDERS), "margin"]
    print("| case | shots | " + " | ".join(head) + " |")
    print("|---" * (2 + len(head)) + "|")
    for line in rows(chosen.runs, chosen.only, chosen.shots, chosen.draws):
        print(line, flush=True)


if __name__ == "__main__":
    main()
