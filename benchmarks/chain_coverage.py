"""How often intervals of a chain hold the truth: what bonds share and carry, what all sites share.

    uv run python benchmarks/chain_coverage.py [--runs N] [--bases bonds] [--only "shared, on the way"] [--shots 500]
                                               [--quantities total_correlation] [--draws 100]

Three starts of three sites with 500, 2000 and 8000 shots a setting on the exact device; quantities of bonds with the
nine settings `bonds`, total correlation and tripartite information with `full`, and of the Gaussian state with
`orbital`; 400 runs of each, of the last 2000, which take less time. Nothing but what is judged is estimated, by the
path that every analysis goes. The runs of one row are points of one run, at times that differ by 1e-9; nothing is drawn
again for having failed. Rows outside 92..98.5 % have a mark. The table in docs/chain-exchange.md was made with
--draws 25 for `full`; all takes half an hour of a processor.
"""

from __future__ import annotations

import argparse
import tempfile
import typing
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analysis.data import read
from analysis.evaluation import evaluate, setup_of
from analysis.intervals import Methods, stored_cells
from analysis.quantities import catalogue
from analysis.table import tidy
from devices import RunRecord, execute, open_device
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
ROWS: Mapping[str, Sequence[tuple[str, str]]] = {
    "bonds": (("mutual_information", ""), ("concurrence", ""), ("bond_current", "")),
    "full": (("total_correlation", "full"), ("tripartite_information", "full")),
    "orbital": (("total_correlation", "gaussian"),),
}
"""What is judged of each set of settings: name and scheme."""
RUNS: Mapping[str, int] = {"bonds": 400, "full": 400, "orbital": 2000}
WANTED = (0.92, 0.985)


def rows(chosen: argparse.Namespace, bases: str) -> Iterator[str]:
    """One line a start, number of shots, quantity and bond.

    Args:
        chosen: What was asked for.
        bases: Settings.
    """
    wanted = [one for one in ROWS[bases] if not chosen.quantities or one[0] in chosen.quantities]
    for number, (name, (time, fields)) in enumerate(STARTS.items()):
        for shots in chosen.shots if wanted and chosen.only in ("", name) else ():
            swept = time + 1e-9 * (1 + np.arange(chosen.runs or RUNS[bases]))
            experiment = ChainExchange(**fields, time=swept)
            program = compile(experiment, experiment.points({}, "nominal"), shots=shots, bases=bases)
            with tempfile.TemporaryDirectory() as folder:
                record = execute(program, open_device("exact"), runs=Path(folder), seed=100 * number + shots)
                table = estimated(record, experiment, wanted, chosen.draws)
            yield from (f"| {name} | {shots} | {line}" for line in judged(table, [one for one, _ in wanted]))


def estimated(
    record: RunRecord, experiment: ChainExchange, wanted: Sequence[tuple[str, str]], draws: int
) -> pd.DataFrame:
    """The table of some quantities alone.

    Args:
        record: The run.
        experiment: Its protocol.
        wanted: Name and scheme of each.
        draws: Of the intervals.
    """
    points, arms = record.points, record.start["arms"]
    cells = stored_cells(points, len(arms), record.ideal(), "", experiment, experiment.qubits)
    everything = catalogue(experiment.qubits, experiment.system, experiment.observables(points), experiment)
    candidates = [o for o in everything if (o.name, o.scheme) in wanted]
    setup = setup_of(experiment, points, arms, experiment.axis, experiment.qubits)
    data = read(record, readout_correction=True)
    return tidy(evaluate(data, cells, setup, candidates, Methods(draws=draws), keep_states=False).estimates)


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
    parser.add_argument("--runs", type=int, default=0, help="of each row; 0: as the table in the docs")
    parser.add_argument("--bases", nargs="+", default=tuple(ROWS), choices=tuple(ROWS))
    parser.add_argument("--only", default="", choices=("", *STARTS))
    parser.add_argument("--shots", type=int, nargs="+", default=SHOTS)
    parser.add_argument("--quantities", nargs="+", default=())
    parser.add_argument("--draws", type=int, default=100)
    chosen = parser.parse_args()
    print("| start | shots a setting | quantity | exact | rms error | mean width | coverage |\n" + "|---" * 7 + "|")
    for bases in chosen.bases:
        for line in rows(chosen, bases):
            print(line, flush=True)


if __name__ == "__main__":
    main()
