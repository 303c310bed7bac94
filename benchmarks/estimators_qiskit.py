"""The qiskit-experiments arm of `estimators.py`, in an environment of its own: hotward is not imported.

    python benchmarks/estimators_qiskit.py SWEEP OUT DRAWS POINTS METHOD

`METHOD` is one of its fitters. The bars are those of `target_bootstrap_samples`: the standard error of the fidelity
with a target, here the exact state; it has no others.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

# eigenstates of Z, X and Y in the order of its Pauli measurement basis
BASIS = {"Z": 0, "X": 1, "Y": 2}


def main(sweep: str, out: str, draws: str, points: str, method: str) -> None:
    """Times the points asked for, one analysis each, as its users run it."""
    with np.load(Path(sweep) / "counts.npz") as stored:
        bases, counts, exact = (stored[name] for name in ("bases", "counts", "exact"))
    chosen = [int(point) for point in points.split(",")]
    _analysed(bases, counts[chosen[0]], exact[chosen[0]], method, 0)  # imports and first use
    states, bars = {}, []
    wall, cpu = time.perf_counter(), time.process_time()
    for point in chosen:
        table = _analysed(bases, counts[point], exact[point], method, int(draws))
        matrix = np.asarray(table.loc[table["name"] == "state", "value"].iloc[0])
        states[point] = np.stack([matrix.real, matrix.imag], axis=-1).tolist()
        bars = [name for name, value in zip(table["name"], table["value"], strict=True) if hasattr(value, "std_dev")]
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    Path(out).write_text(json.dumps({"seconds": wall, "cpu": cpu, "states": states, "bars": bars}))


def outcomes(bases: np.ndarray, counts: np.ndarray) -> list[dict[str, object]]:
    """Counts (settings, outcomes) of qubits A, B as records of circuits; its first qubit is the last letter."""
    return [
        {
            "counts": {f"{k:02b}": int(number) for k, number in enumerate(row)},
            "metadata": {"m_idx": [BASIS[letter] for letter in reversed(str(basis))], "clbits": [0, 1]},
        }
        for basis, row in zip(bases, counts, strict=True)
    ]


def _analysed(bases: np.ndarray, counts: np.ndarray, exact: np.ndarray, method: str, draws: int):
    from qiskit.quantum_info import DensityMatrix
    from qiskit_experiments.framework import ExperimentData
    from qiskit_experiments.library.tomography.qst_analysis import StateTomographyAnalysis

    analysis = StateTomographyAnalysis()
    analysis.set_options(
        fitter=method,
        target=DensityMatrix(exact),
        target_bootstrap_samples=draws,
        target_bootstrap_seed=1,
    )
    data = ExperimentData()
    data.metadata["m_qubits"] = [0, 1]
    data.add_data([{**one, "metadata": {**one["metadata"], "cond_clbits": None}} for one in outcomes(bases, counts)])
    analysis.run(data).block_for_results()
    if data.errors():
        raise SystemExit(data.errors().strip().splitlines()[-1])
    return data.analysis_results(dataframe=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
