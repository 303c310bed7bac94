"""The Kwiat library's arm of `estimators.py`, in an environment of its own: hotward is not imported.

    python benchmarks/estimators_kwiat.py SWEEP OUT DRAWS POINTS METHOD

`METHOD` is "MLE" or "HMLE". The bars are those of `getProperties(DRAWS)`: standard deviations over Poisson draws around
the counts of what the library computes of a state.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

# the states that outcomes 0 and 1 project on
EIGENSTATES = {
    "X": np.array([[1, 1], [1, -1]]) / np.sqrt(2),
    "Y": np.array([[1, 1j], [1, -1j]]) / np.sqrt(2),
    "Z": np.eye(2),
}


def main(sweep: str, out: str, draws: str, points: str, method: str) -> None:
    """Times the points asked for, one fit and one set of properties each."""
    import QuantumTomography

    with np.load(Path(sweep) / "counts.npz") as stored:
        analysers, counts = projected(stored["bases"]), stored["counts"]
    chosen, states, bars = [int(point) for point in points.split(",")], {}, []
    QuantumTomography.Tomography(2).StateTomography(analysers, _flat(counts[chosen[0]]), method=method)  # first use
    np.random.seed(1)  # the library draws from numpy's global stream
    wall, cpu = time.perf_counter(), time.process_time()
    for point in chosen:
        tomography = QuantumTomography.Tomography(2)  # one detector a qubit: a row is one setting and outcome
        matrix, _, _ = tomography.StateTomography(analysers, _flat(counts[point]), method=method)
        rows = tomography.getProperties(int(draws))
        states[point] = np.stack([np.real(matrix), np.imag(matrix)], axis=-1).tolist()
        bars = [str(name) for name, _, error in rows if not isinstance(error, str)]
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    Path(out).write_text(json.dumps({"seconds": wall, "cpu": cpu, "states": states, "bars": bars}))


def projected(bases: np.ndarray) -> np.ndarray:
    """The product states that outcomes project on, both qubits' amplitudes in a row: (settings * outcomes, 4)."""
    return np.array(
        [
            [*EIGENSTATES[basis[0]][outcome >> 1], *EIGENSTATES[basis[1]][outcome & 1]]
            for basis in map(str, bases)
            for outcome in range(4)
        ]
    )


def _flat(counts: np.ndarray) -> np.ndarray:
    return counts.reshape(-1).astype(float)


if __name__ == "__main__":
    main(*sys.argv[1:])
