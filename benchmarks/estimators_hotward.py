"""hotward's arm of `estimators.py`: every quantity of the table but discord, with its interval, for the whole sweep.

    python benchmarks/estimators_hotward.py SWEEP OUT DRAWS POINTS METHOD

`METHOD` is a name among `analysis.tomography.estimators.ESTIMATORS`, with ":" and names of observables where not all of
them are wanted; `POINTS` is not read, for all points are one batch.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from analysis import Methods
from analysis.data import read
from analysis.intervals import estimates, stored_cells
from analysis.quantities import catalogue
from analysis.tomography import ESTIMATORS
from devices import RunRecord
from protocols.heat_exchange import HeatExchange
from protocols.program import build

REPEATS = 5
"""Calls that are timed as one: a tenth of a second alone says little."""


def main(sweep: str, out: str, draws: str, points: str, method: str) -> None:
    """Times the sweep that `estimators.py` wrote down."""
    del points
    experiment = build(HeatExchange, json.loads((Path(sweep) / "values.json").read_text()))
    record = RunRecord.open((Path(sweep) / "run").read_text())
    data = read(record, readout_correction=True)
    cells = stored_cells(record.points, 1, record.ideal())
    every = catalogue(experiment.qubits, record.system, experiment.observables(record.points), experiment)
    method, _, some = method.partition(":")
    observables = [o for o in every if (o.name in some.split(",") if some else o.name != "discord")]
    with threadpool_limits(1):  # as `analysis.analyse` does
        estimates(observables, data, cells, Methods(estimator=method, draws=2), data.seed)  # imports and tables
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(REPEATS):
            found = estimates(observables, data, cells, Methods(estimator=method, draws=int(draws)), data.seed)
        wall, cpu = (time.perf_counter() - wall) / REPEATS, (time.process_time() - cpu) / REPEATS
        states = ESTIMATORS[method](data.reading)
    bars = [one.observable.name for one in found if np.isfinite(one.stderr).any()]
    parts = np.stack([states.real, states.imag], axis=-1).tolist()
    result = {"seconds": wall, "cpu": cpu, "states": dict(enumerate(parts)), "bars": list(dict.fromkeys(bars))}
    Path(out).write_text(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
