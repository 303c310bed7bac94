r"""How far the members are from the states that were asked for: preparation, gates and readout together.

No state is assumed to be prepared anywhere else; energies and intervals are those of what was measured. The
deviation is expected on a noisy device, and says how large what the control stands for is. Counts near zero have no
chi-square law: sum (n - N p)^2 / (N p + 1) is compared with the same of draws from the states asked for, through the
measured readout.
"""

from __future__ import annotations

import contextlib
import itertools
import typing
from dataclasses import dataclass, replace

import numpy as np

from analysis.consistency.goodness import Goodness
from analysis.data import Counts, confusion_of, determined, whole_shots
from analysis.statistics import Tail, gamma_tail
from analysis.tomography import family_basis, outcome_design
from protocols import Array, Experiment, RequestError, load
from protocols.program import build, parameters
from protocols.quantities import overlaps

if typing.TYPE_CHECKING:
    from devices import RunRecord

DRAWS = 99
MOST_MEMBERS = 16
"""Beyond them the theory of every member costs more than it tells."""
SAME_WEIGHT, SAME_STATE = 1e-6, 1e-9
_STREAM = 0xA5C


@dataclass(frozen=True, kw_only=True, eq=False)
class PreparedMembers:
    """Members beside the states asked for."""

    tail: Tail
    fidelity: dict[int, float]
    """Member -> mean fidelity of its fitted states to those asked for, of the main arm, weighted by shots; empty where
    the settings do not determine them."""


def deviation_from_requested_members(record: RunRecord, counts: Counts, fitted: Goodness) -> PreparedMembers | None:
    """Compares the fitted members with theory; None where that does not say what each member should be.

    Args:
        record: The run, whose protocol gives the probabilities.
        counts: What was measured.
        fitted: Their states.
    """
    expected = _expected(record, counts)
    if expected is None:
        return None
    p = expected[fitted.cell, fitted.member]
    known = np.isfinite(p).all(axis=(1, 2))
    if not known.any():
        return None
    p, cell, member = p[known], fitted.cell[known], fitted.member[known]
    size = len(record.points)
    main = np.flatnonzero(known)[cell < size]
    return PreparedMembers(
        tail=_compared(counts, counts.observed[cell, member], p),
        fidelity=_fidelities(
            counts.bases, fitted.states[main], fitted.shots[main], p[cell < size], member[cell < size]
        ),
    )


def _expected(record: RunRecord, counts: Counts) -> Array | None:
    """Probabilities of every member without noise, shaped like the counts; NaN where theory has none."""
    start, experiment = record.start, carried_out(record)
    if experiment is None or counts.batch is not None or counts.observed.shape[1] > MOST_MEMBERS:
        return None
    usual = {name: known[0] for name, known in experiment.offers.items() if known}
    points = replace(record.points, options={**usual, **record.points.options})  # imports know few of them
    size, outcomes = len(points), counts.observed.shape[-1]
    expected = np.full(counts.observed.shape, np.nan)
    try:
        settings = experiment.settings(points, counts.bases)
    except RequestError:  # measured elsewhere; here no circuits are made for it
        return None
    for setting in settings:
        basis = setting.basis[: len(start["qubits"])]
        if setting.member >= counts.observed.shape[1]:
            return None  # an import with members of its own
        here = np.flatnonzero(experiment.applies(setting, points))
        own = points.at(here)
        cells = here + start["arms"].index(setting.arm) * size
        if np.abs(experiment.weights(setting, own) - counts.weight[cells, setting.member]).max() > SAME_WEIGHT:
            return None
        of_system = experiment.exact(setting, own).reshape(len(here), outcomes, -1).sum(axis=-1)
        expected[cells, setting.member, counts.bases.index(basis)] = of_system
    return expected


def carried_out(record: RunRecord) -> Experiment | None:
    """The protocol with the fields of the run; None without a protocol or exact states, or if it is not known any more.

    Runs of versions that did not record the fields have them found again by trying.
    """
    name, exact = record.start["protocol"], record.ideal()
    if name is None or not any(known == "state" or known.startswith("moment_") for known in exact):
        return None
    if "fields" not in record.start:
        return _found_by_trying(record, exact["state"][0])
    with contextlib.suppress(RequestError):  # a later version may refuse what this run was made with
        return build(load(name), record.start["fields"])
    return None


def declared(record: RunRecord) -> Experiment | type[Experiment] | None:
    """The protocol of a run: its class, or itself where its fields decide on the names of what is measured.

    None for a run without a protocol.
    """
    if record.start["protocol"] is None:
        return None
    protocol = load(record.start["protocol"])
    same = protocol.system == record.system
    return protocol if same else carried_out(record) or protocol


def _found_by_trying(record: RunRecord, stored: Array) -> Experiment | None:
    """The protocol with the words (a family, a method) under which it has the parameters and states of the run.

    Args:
        record: A run whose fields are not recorded, but for those that are parameters of its points.
        stored: Its exact states of the first arm, (points, d, d), which may have white noise.
    """
    protocol = load(record.start["protocol"])
    declared, known = parameters(protocol), record.points.parameters
    chosen, options = [spec for spec in declared if spec.choices], record.points.options
    fields = {
        spec.name: int(known[spec.name][0]) if spec.whole else float(known[spec.name][0])
        for spec in declared
        if spec.name in known
    }
    for words in itertools.product(*(([options[s.name]] if s.name in options else s.choices) for s in chosen)):
        with contextlib.suppress(RequestError):  # such words do not go with these parameters
            made = protocol(**fields, **{spec.name: word for spec, word in zip(chosen, words, strict=True)})
            named = made.points({}, reference="nominal").parameters
            if set(named) == set(known) and _equal_but_for_white_noise(
                made.state(record.points, record.start["arms"][0]), stored
            ):
                return made
    return None


def _equal_but_for_white_noise(state: Array | None, stored: Array) -> bool:
    """Whether states are equal, or equal but for white noise."""
    if state is None or state.shape != stored.shape:
        return False
    mixed = np.eye(state.shape[-1]) / state.shape[-1]
    exact, noisy = state - mixed, stored - mixed
    kept = float(np.vdot(exact, noisy).real / max(np.vdot(exact, exact).real, 1e-300))
    return bool(np.abs(noisy - kept * exact).max() < SAME_STATE)


def _compared(counts: Counts, observed: Array, p: Array) -> Tail:
    generator = np.random.default_rng([counts.seed, _STREAM])
    confusion, shots = counts.frequencies.confusion, observed.sum(axis=-1)
    due = _read(p, confusion)
    statistic = _distance(observed, due)
    drawn = np.zeros(DRAWS)
    for i in range(DRAWS):
        mixed = confusion
        if counts.calibrated:
            again = generator.multinomial(whole_shots(counts.calibration), confusion.T)
            mixed = confusion_of(again)
        drawn[i] = _distance(generator.multinomial(shots, due), _read(p, mixed))
    return gamma_tail(statistic, drawn)


def _read(p: Array, confusion: Array) -> Array:
    read = np.clip(p @ confusion.T, 0, None)
    return read / read.sum(axis=-1, keepdims=True)


def _distance(observed: Array, p: Array) -> float:
    due = observed.sum(axis=-1, keepdims=True) * p
    return float(((observed - due) ** 2 / (due + 1)).sum())


def _fidelities(bases: tuple[str, ...], states: Array, shots: Array, p: Array, member: Array) -> dict[int, float]:
    """Mean of every member; the states asked for are recovered from their probabilities, where these determine them."""
    if determined(bases)[0] != "full":
        return {}
    design, basis = outcome_design(bases, "full"), family_basis("full", len(bases[0]))
    flat = design[:, :, 1:].reshape(-1, len(basis) - 1)
    offset = (design[:, :, 0] / np.sqrt(basis.shape[-1])).ravel()
    r = (p.reshape(len(p), -1) - offset) @ np.linalg.pinv(flat).T
    asked_for = basis[0] / np.sqrt(basis.shape[-1]) + np.tensordot(r, basis[1:], axes=1)
    fidelity = overlaps.fidelity(states, asked_for)
    return {
        int(one): float(np.average(fidelity[member == one], weights=shots[member == one])) for one in np.unique(member)
    }
