"""What a run is to be precise in: heat, mutual information or concurrence; and how well given strata know it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from analysis._frequencies import Counts, frequencies
from analysis._information import BOUNDARY, Strata, gradient, stratified_precision
from analysis._moments import linear_errors
from analysis._tomography import maximum_likelihood
from analysis.quantities import mutual_information, signed_concurrence
from protocols import Array, Experiment, Points, RequestError

HEAT = "heat"
FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    "mutual_information": mutual_information,
    # before it is cut at zero: below its threshold a clipped one knows no error
    "concurrence": signed_concurrence,
}
TARGETS = (HEAT, *FUNCTIONS)
REPEATS = 400
"""Simulated experiments where first order does not hold; their standard deviation is known to 3.5 %."""
FLAT = 10.0
"""Divided by the shots of a cell: first-order standard deviations below it are smaller than what is left out."""
NEAR = 4.0
"""Standard errors of the smallest eigenvalue from 0, below which first order does not hold."""


def check_target(experiment: Experiment, target: str) -> None:
    """Refuses what cannot be a target of a protocol.

    Raises:
        RequestError: With what can.
    """
    if target not in TARGETS:
        raise RequestError(f"Argument `target` must be one of {', '.join(TARGETS)}, but is {target!r}.")
    if experiment.sides != experiment.qubits:
        raise RequestError(
            f"Argument `target` needs heat between the two qubits that are read, which {experiment.name} does not "
            "have. Drop --target."
        )


def strata_of(counts: Counts) -> Strata:
    """What expected counts were made of; the readout is that of their calibration."""
    shots = counts.shots
    read = counts.observed / np.where(shots > 0, shots, 1)[..., None]
    confusion, calibration = None, 0
    if counts.calibrated:
        confusion = frequencies(counts).confusion
        calibration = round(float(counts.calibration.sum(axis=1).min()))
        read = read @ np.linalg.inv(confusion).T
    return Strata(
        bases=counts.bases,
        weight=counts.weight,
        probabilities=read,
        shots=shots,
        confusion=confusion,
        calibration_shots=calibration,
    )


def heat_deviation(counts: Counts, word: str, home: Array) -> Array:
    """Standard error of the net heat into the qubit that a word reads, (cells,) [gap]; 0 if 0 by definition."""
    errors = linear_errors(counts, (word,))
    half = np.full((len(home), 1), 0.5)
    stderr = np.sqrt(errors.variance(half, half, home))
    return np.where(home == np.arange(len(home)), 0.0, stderr)


def state_deviation(counts: Counts, of: Callable[[Array], Array]) -> tuple[Array, Array]:
    """Standard deviation of a function of the estimated state.

    To first order from the sandwich covariance; from simulated experiments where that says nothing: within a few
    standard errors of the boundary of state space, and where the function is flat.

    Returns:
        (cells,) each: standard deviation, and whether it was simulated.
    """
    states = maximum_likelihood(frequencies(counts))
    precision = stratified_precision(strata_of(counts))
    values, vectors = np.linalg.eigh(states)
    lowest = vectors[:, :, 0]
    along = np.einsum("ci,kij,cj->ck", lowest.conj(), precision.basis[1:], lowest).real
    noise = np.sqrt(np.maximum(np.einsum("ck,ckl,cl->c", along, precision.covariance, along), 0))
    near = values[:, 0] < np.maximum(NEAR * noise, BOUNDARY)
    slopes = gradient(of, states, precision.basis)
    shared = np.einsum("ck,ckl->cl", slopes, precision.shared)
    first = np.einsum("ci,cij,cj->c", slopes, precision.covariance, slopes) + (shared**2).sum(axis=1)
    found = np.sqrt(np.maximum(first, 0))
    # a function that is flat there, as mutual information at product states, varies by its second order, about 1/N
    near |= ~(found > FLAT / counts.effective.sum(axis=1))
    if near.any():
        found[near] = _simulated(counts, of)[near]
    return found, near


def _simulated(counts: Counts, of: Callable[[Array], Array]) -> Array:
    """Over `REPEATS` experiments with the shots of these counts, all fitted together."""
    generator = np.random.default_rng(counts.seed)
    shots = np.rint(counts.shots).astype(np.int64)
    share = counts.observed / np.where(counts.shots > 0, counts.shots, 1)[..., None]
    share[shots == 0] = np.eye(share.shape[-1])[0]
    drawn = generator.multinomial(shots, share, size=(REPEATS, *shots.shape))
    measured = frequencies(counts)
    confusion = measured.confusion
    if counts.calibrated:
        often = np.rint(counts.calibration.sum(axis=1)).astype(np.int64)
        again = generator.multinomial(often, confusion.T, size=(REPEATS, len(often)))
        confusion = np.swapaxes(again / often[:, None], -1, -2)
    reading = replace(
        measured,
        read=np.einsum("rcmso,cms->rcso", drawn, counts.share / np.maximum(shots, 1)),
        confusion=confusion,
        strata=drawn,
    )
    return np.std(of(maximum_likelihood(reading)), axis=0, ddof=1)


def qubit_word(experiment: Experiment, subject: str) -> str:
    """The Pauli word that a qubit's energy is read from: "ZI"."""
    return "".join("Z" if qubit == subject else "I" for qubit in experiment.qubits)


def shared_home(points: Points, arms: int) -> Array:
    """Index of each cell's reference cell, arm-major; -1: exact."""
    return np.concatenate([np.where(points.reference < 0, -1, points.reference + a * len(points)) for a in range(arms)])
