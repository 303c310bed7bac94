"""How often the 95 % intervals of state functions cover, and how many standard errors the worst value is off.

    uv run python benchmarks/coverage.py [--seeds 20] [--first 0] [--bases full]

Runs of 4096 shots on the exact device, whose exact values are known. Behind the numbers in README, "What the numbers
mean"; a row is one preset and device.
"""

from __future__ import annotations

import argparse
import tempfile

import numpy as np
from threadpoolctl import threadpool_limits

from analysis import Methods, _catalogue
from analysis._data import read
from analysis._estimates import estimates
from analysis._table import ideal_values
from analysis._view import view
from devices import execute, open_device
from protocols import Array, compile
from protocols._parameters import build
from protocols.heat_exchange import HeatExchange

CASES = (
    ("micadei", "exact"),
    ("holdsworth", "exact:white=0.02"),
    ("holdsworth", "exact:white=0.05"),
    ("holdsworth", "exact"),
)
NAMES = ("mutual_information", "concurrence")


def main() -> None:
    """Prints one line a case and quantity."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--bases", default="full")
    asked = parser.parse_args()
    observables = [o for o in _catalogue.pair(HeatExchange().qubits) if o.name in NAMES]
    with threadpool_limits(1):
        for preset, device in CASES:
            runs = [repeat(preset, device, asked.bases, asked.first + i) for i in range(asked.seeds)]
            for observable, (pull, covered, claimed) in zip(observables, np.moveaxis(runs, 0, 2), strict=True):
                worst, of = float(np.nanmax(pull)), covered.size
                print(
                    f"{preset} on {device}, {observable.name}: {100 * covered.mean():.1f} % of {of} covered, "
                    f"worst {worst:.2f} standard errors, significant where it is 0: {int(claimed.sum())}",
                    flush=True,
                )


def repeat(preset: str, device: str, bases: str, seed: int) -> Array:
    """Distance in standard errors, covered, claimed above 0 in vain: (observables, 3, points) of one run."""
    experiment = build(HeatExchange, dict(HeatExchange.presets[preset].values))
    with tempfile.TemporaryDirectory() as runs:
        record = execute(compile(experiment, bases=bases), open_device(device), runs=runs, seed=seed)
        data, stored, points = read(record, readout_correction=True), record.ideal(), record.points
    cells = view(points, 1, stored["state"], stored["reference_state"])
    observables = [o for o in _catalogue.pair(experiment.qubits) if o.name in NAMES]
    found = estimates(observables, data, cells, Methods(), data.seed)
    rows = []
    for one, ideal in zip(found, ideal_values(observables, cells), strict=True):
        same = one.value == ideal
        pull = np.where(same, 0.0, np.abs(one.value - ideal) / np.where(same, 1.0, one.stderr))
        rows.append([pull, (one.low <= ideal) & (ideal <= one.high), (ideal == 0) & (one.low > 0)])
    return np.array(rows, dtype=float)


if __name__ == "__main__":
    main()
