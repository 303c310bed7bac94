"""How long the analysis of a sweep takes: 22 points x 1000 draws, and what its parts are, side by side in one run.

    uv run python benchmarks/draws.py [--rounds 5]

Everything but discord; the first three lines are the targets of the project on a machine of two cores: 1 s or less at
strength 0.9, where most fits are inside state space, 6 s or less for `holdsworth` and `micadei`, where they are on its
boundary. The others are ratios, which hold across machines; seconds do not.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_limits

from analysis import Methods
from analysis.data import Data, chunks, read
from analysis.intervals import Cells, estimates, view
from analysis.quantities import pair_observables
from analysis.tomography import fit, linear_inversion
from devices import execute, open_device
from protocols import Observable, compile
from protocols.heat_exchange import HeatExchange
from protocols.program import build

CASES = {
    "strength 0.9": {"strength": "0.9", "time": "0:10*pi:22"},
    "holdsworth": {"time": "0:10*pi:22"},
    "micadei": dict(HeatExchange.presets["micadei"].values),
}


def main() -> None:
    """Times every case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    seconds: dict[str, list[list[float]]] = {name: [[], [], []] for name in CASES}
    prepared = {name: _prepared(values) for name, values in CASES.items()}
    gaps = {}
    with threadpool_limits(1):
        for _ in range(rounds):
            for name, (data, cells, observables) in prepared.items():
                work: list[Callable[[], object]] = [
                    lambda d=data, o=observables, c=cells: estimates(o, d, c, Methods(), d.seed),
                    lambda d=data: [fit(d.draw(d.seed, chunk)) for chunk in chunks(200)],
                    lambda d=data: [linear_inversion(d.draw(d.seed, chunk)) for chunk in chunks(200)],
                ]
                for kept, function in zip(seconds[name], work, strict=True):
                    start = time.perf_counter()
                    function()
                    kept.append(time.perf_counter() - start)
        for name, (data, _, _) in prepared.items():
            gaps[name] = max(fit(data.draw(data.seed, chunk)).gap.max() for chunk in chunks(1000))
    for name, (whole, _, _) in seconds.items():
        median, gap = statistics.median(whole), gaps[name]
        print(f"{name}: 22 points x 1000 draws in {median:.2f} s (median of {rounds}); largest gap {gap:.1e} nat")
    for name, (_, fits, inversions) in seconds.items():
        ratio = statistics.median(fits) / statistics.median(inversions)
        print(f"{name}: a certified maximum-likelihood fit takes {ratio:.1f} times a projected linear inversion")


def _prepared(values: dict[str, str]) -> tuple[Data, Cells, list[Observable]]:
    """Counts of one run of 4096 shots, its cells, and every observable but discord."""
    experiment = build(HeatExchange, values)
    with tempfile.TemporaryDirectory() as runs:
        record = execute(compile(experiment), open_device("exact"), runs=runs, seed=1)
        data, stored, points = read(record, readout_correction=True), record.ideal(), record.points
    if len(points) != 22 or not np.isfinite(stored["state"]).all():
        raise SystemExit("this benchmark is about 22 points")
    every = (
        *pair_observables(experiment.qubits, heated=experiment.qubits),
        *experiment.observables(experiment.points()),
    )
    cells = view(points, 1, stored["state"], stored["reference_state"])
    return data, cells, [observable for observable in every if observable.name != "discord"]


if __name__ == "__main__":
    main()
