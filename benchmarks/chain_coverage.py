"""How often intervals of a chain hold the truth: mutual information and concurrence of bonds, currents on them.

    uv run python benchmarks/chain_coverage.py [--runs 400] [--bases bonds] [--only "shared, on the way"] [--shots 500]

With --bases full also total correlation and tripartite information, at some seconds a run.

Three starts of three sites with 500, 2000 and 8000 shots a setting on the exact device. The runs of one row are points
of one run, at times that differ by 1e-9; nothing is drawn again for having failed. Table as in docs/chain-exchange.md.
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
from protocols import compile
from protocols.chain_exchange import ChainExchange

STARTS: Mapping[str, tuple[float, Mapping[str, Any]]] = {
    "shared, at the start": (0.0, {}),
    "shared, on the way": (3.0, {"T_1": 0.8, "T_2": 1.6, "T_3": 1.1}),
    "bonds 0.8 and 0.3, on the way": (3.0, {"correlation": "bonds", "strength_1": 0.8, "strength_2": 0.3}),
}
SHOTS = (500, 2000, 8000)
ROWS = ("mutual_information", "concurrence", "bond_current", "total_correlation", "tripartite_information")


def rows(runs: int, bases: str, only: str, of_shots: Sequence[int], draws: int) -> Iterator[str]:
    """One line a start, number of shots, quantity and bond.

    Args:
        runs: Simulated runs of each.
        bases: Settings.
        only: Name of a start; empty: all.
        of_shots: Shots a setting.
        draws: Of the analysis.
    """
    for number, (name, (time, fields)) in enumerate(STARTS.items()):
        for shots in of_shots if only in ("", name) else ():
            swept = time + 1e-9 * (1 + np.arange(runs))
            experiment = ChainExchange(**fields, time=swept)
            program = compile(experiment, experiment.points({}, "nominal"), shots=shots, bases=bases)
            with tempfile.TemporaryDirectory() as folder:
                record = execute(program, open_device("exact"), runs=Path(folder), seed=100 * number + shots)
                table = analyse(record, draws=draws).table
            for row in ROWS:
                chosen = table[(table["observable"] == row) & table["value"].notna()]
                for key, found in chosen.groupby(["subject", *({"scheme"} & {*chosen})]):
                    inside = (found["low"] <= found["ideal"] + 1e-12) & (found["high"] >= found["ideal"] - 1e-12)
                    error = float(np.sqrt(np.mean((found["value"] - found["ideal"]) ** 2)))
                    exact = float(found["ideal"].mean())
                    told = " ".join((row, *key)).strip()
                    yield f"| {name} | {shots} | {told} | {exact:.4f} | {error:.4f} | {inside.mean():.3f} |"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--bases", default="bonds")
    parser.add_argument("--only", default="", choices=("", *STARTS))
    parser.add_argument("--shots", type=int, nargs="+", default=SHOTS)
    parser.add_argument("--draws", type=int, default=100)
    chosen = parser.parse_args()
    print("| start | shots a setting | quantity | exact | rms error | coverage |\n|---|---|---|---|---|---|")
    for line in rows(chosen.runs, chosen.bases, chosen.only, chosen.shots, chosen.draws):
        print(line, flush=True)


if __name__ == "__main__":
    main()
