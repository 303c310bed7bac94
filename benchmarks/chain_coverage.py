"""How often intervals of a chain hold the truth: what bonds share and carry, what all sites share.

    uv run python benchmarks/chain_coverage.py [--runs 400] [--bases bonds] [--only "shared, on the way"] [--shots 500]

Three starts of three sites with 500, 2000 and 8000 shots a setting on the exact device; quantities of bonds with the
nine settings `bonds`, total correlation and tripartite information with `full` (and of the Gaussian state with
`orbital`). The runs of one row are points of one run, at times that differ by 1e-9; nothing is drawn again for having
failed. Rows outside 92..98.5 % have a mark. The table in docs/chain-exchange.md was made with --draws 25 for `full`,
which takes half an hour of a processor.
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
from protocols import compile
from protocols.chain_exchange import ChainExchange

if typing.TYPE_CHECKING:
    import pandas as pd

STARTS: Mapping[str, tuple[float, Mapping[str, Any]]] = {
    "shared, at the start": (0.0, {}),
    "shared, on the way": (3.0, {"T_1": 0.8, "T_2": 1.6, "T_3": 1.1}),
    "bonds 0.8 and 0.3, on the way": (3.0, {"correlation": "bonds", "strength_1": 0.8, "strength_2": 0.3}),
}
SHOTS = (500, 2000, 8000)
OF_ALL = ("total_correlation", "tripartite_information")
ROWS: Mapping[str, Sequence[str]] = {
    "bonds": ("mutual_information", "concurrence", "bond_current"),
    "full": OF_ALL,
    "orbital": OF_ALL,
}
"""What is judged of each set of settings; `full` has the scheme `gaussian` too, with more counts than `orbital`."""
WANTED = (0.92, 0.985)


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
            yield from (f"| {name} | {shots} | {line}" for line in judged(table, ROWS[bases]))


def judged(table: pd.DataFrame, names: Sequence[str]) -> Iterator[str]:
    """Quantity, exact value, root of the mean square error, mean width of the intervals, coverage; a mark outside.

    Args:
        table: Of points that are one run each.
        names: Quantities.
    """
    for row in names:
        chosen = table[(table["observable"] == row) & table["value"].notna()]
        for key, found in chosen.groupby(["subject", *({"scheme"} & {*chosen})]):
            inside = (found["low"] <= found["ideal"] + 1e-12) & (found["high"] >= found["ideal"] - 1e-12)
            error = float(np.sqrt(np.mean((found["value"] - found["ideal"]) ** 2)))
            exact, width = float(found["ideal"].mean()), float((found["high"] - found["low"]).mean())
            told = " ".join((row, *key)).strip()
            mark = "" if WANTED[0] <= inside.mean() <= WANTED[1] else " *"
            yield f"{told} | {exact:.4f} | {error:.4f} | {width:.4f} | {inside.mean():.4f}{mark} |"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--bases", nargs="+", default=tuple(ROWS), choices=tuple(ROWS))
    parser.add_argument("--only", default="", choices=("", *STARTS))
    parser.add_argument("--shots", type=int, nargs="+", default=SHOTS)
    parser.add_argument("--draws", type=int, default=100)
    chosen = parser.parse_args()
    print("| start | shots a setting | quantity | exact | rms error | mean width | coverage |\n" + "|---" * 7 + "|")
    for bases in chosen.bases:
        for line in rows(chosen.runs, bases, chosen.only, chosen.shots, chosen.draws):
            print(line, flush=True)


if __name__ == "__main__":
    main()
