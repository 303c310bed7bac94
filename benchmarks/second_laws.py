"""How often intervals of the many second laws hold the truth: free energies, their changes, the margin of the curves.

    uv run python benchmarks/second_laws.py [--runs 400] [--only ladder] [--shots 500]

Six cases of three protocols with 500, 2000 and 8000 shots on the exact device, which samples every shot. The runs of
one row are points of one run, with starts or baths that differ by 1e-9; nothing is drawn again for having failed.
Orders 1/2, 1 and 2 are judged; 0 jumps and has its limits, not an interval of 95 %. Table as in docs/second-laws.md.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analysis import analyse
from devices import execute, open_device
from protocols import compile, load

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
    "dark pair": ("coherence-reversal", "T_B", {"angle": 0.9, "T_S": 0.7, "T_B": 2.0, "coherence": -0.6}, MEASURED),
}
SHOTS = (500, 2000, 8000)
ROWS = ("free_energy", "free_energy_change", "thermo_majorisation")


def rows(runs: int, only: str, of_shots: Sequence[int], draws: int) -> Iterator[str]:
    """One line a case, number of shots, quantity and order.

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
            for (row, scheme), found in chosen.groupby(["observable", "scheme"], sort=False):
                inside = (found["low"] <= found["ideal"] + 1e-12) & (found["high"] >= found["ideal"] - 1e-12)
                error = float(np.sqrt(np.mean((found["value"] - found["ideal"]) ** 2)))
                width = float(np.median(found["high"] - found["low"])) / (3.92 * error) if error else np.nan
                told = f"{row} {scheme}".strip()
                exact = float(found["ideal"].mean())
                yield f"| {name} | {shots} | {told} | {exact:.4f} | {error:.4f} | {inside.mean():.3f} | {width:.2f} |"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--only", default="")
    parser.add_argument("--shots", type=int, nargs="+", default=SHOTS)
    parser.add_argument("--draws", type=int, default=100)
    chosen = parser.parse_args()
    print(
        "| case | shots | quantity | exact | rms error | coverage | width/(3.92 rms) |\n|---|---|---|---|---|---|---|"
    )
    for line in rows(chosen.runs, chosen.only, chosen.shots, chosen.draws):
        print(line, flush=True)


if __name__ == "__main__":
    main()
