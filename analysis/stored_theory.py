"""What theory and the noise model say of a run, evaluated from the exact states that are stored with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from analysis.estimate_arrays import Estimates
from analysis.evaluation import exact_estimates
from analysis.intervals.cells import stored_cells, view
from analysis.intervals.exact_members import with_exact_members
from devices import RunRecord
from protocols import Array, Experiment, Observable


def curves(
    record: RunRecord,
    stored: Mapping[str, Array],
    observables: Sequence[Observable],
    protocol: Experiment | type[Experiment] | None,
    experiment: Experiment | None,
) -> Estimates | None:
    """The exact prediction stored with the run on its fine grid; of members, which is not stored, computed there.

    Args:
        record: The run.
        stored: Its exact states, `record.ideal()`.
        observables: What is evaluated.
        protocol: What says what the cells are; None: nothing was declared.
        experiment: What was carried out, where observables of members need it.

    Returns:
        None where no fine grid is stored.
    """
    if not any(name == "fine_state" or name.startswith("fine_moment_") for name in stored):
        return None
    fine, arms = record.fine_points(stored), record.start["arms"]
    cells = stored_cells(fine, len(arms), stored, "fine_", protocol, record.start["qubits"])
    cells = with_exact_members(cells, experiment, fine, record.start["bases"], observables, white_noise(record))
    return exact_estimates(observables, cells, fine, arms, record.start["axis"])


def prediction(record: RunRecord, stored: Mapping[str, Array], observables: Sequence[Observable]) -> Estimates | None:
    """What the stored noise model gives exactly at the points: every observable of the states it predicts.

    Args:
        record: The run, or one copy of it.
        stored: Its exact states, `record.ideal()`.
        observables: What is evaluated, as far as the model has it.

    Returns:
        None where no noise model is stored.
    """
    if "device_state" not in stored:
        return None
    points, arms = record.points, record.start["arms"]
    states = stored["device_state"]
    if states.ndim == 5:  # of every copy: what their mean is compared with is their mean state
        states = states.mean(axis=0) if record.copy is None else states[record.copy]
    # as measured: each point is compared with the device's own state at the reference
    measured = points.reference >= 0
    before = np.where(measured[:, None, None], states[:, points.reference], stored["reference_state"])
    registers, earlier = _predicted_registers(record, stored)
    cells = view(points, len(arms), states, before, registers, earlier)
    # the noise model predicts no ancillas of runs before December 2026, and never what each member gives
    unknown = {*record.registers} - {*registers}
    shown = [o for o in observables if not (o.ideal or o.theory or o.resolved is not None or {*o.reads} & unknown)]
    return exact_estimates(shown, cells, points, arms, record.start["axis"])


def _predicted_registers(record: RunRecord, stored: Mapping[str, Array]) -> tuple[dict[str, Array], dict[str, Array]]:
    """Energies of registers in the noise model, (arms, points), and what each point is compared with."""
    points, start = record.points, "device_register_"
    known = {name.removeprefix(start): energy for name, energy in stored.items() if name.startswith(start)}
    known = {name: energy if energy.ndim == 2 else energy.mean(axis=0) for name, energy in known.items()}
    measured = points.reference >= 0
    return known, {
        name: np.where(measured, energy[:, points.reference], stored.get(f"reference_register_{name}", np.nan))
        for name, energy in known.items()
    }


def white_noise(record: RunRecord) -> float:
    """Fraction of white noise that the device mixed into every state.

    Args:
        record: The run.
    """
    return float(record.start["device"].get("white_noise", 0.0))
