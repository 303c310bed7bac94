"""What a run is to be precise in: heat, mutual information or concurrence; and how well given strata know it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from analysis.data import Counts
from analysis.tomography import maximum_likelihood
from protocols import Array, Experiment, Points, RequestError
from protocols.quantities import entanglement, entropies

HEAT = "heat"
FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    "mutual_information": entropies.mutual_information,
    # before it is cut at zero: below its threshold a clipped one knows no error
    "concurrence": entanglement.signed_concurrence,
}
TARGETS = (HEAT, *FUNCTIONS)
REPEATS = (100, 300)
"""Simulated experiments, at least and at most: their scatter is known to 7 % and 4 %."""
MOST_FITS = 20_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Strata:
    """What is to be measured in every cell, stratum by stratum."""

    bases: tuple[str, ...]
    weight: Array
    """(cells, members) exact probability of each member."""
    probabilities: Array
    """(cells, members, settings, outcomes) of each member, before readout."""
    shots: Array
    """(cells, members, settings)."""
    confusion: Array | None = None
    """(outcomes read, outcomes true); None: perfect readout."""
    calibration_shots: int = 0
    """Shots of each prepared pattern; 0: the confusion is known."""

    @property
    def pooled(self) -> Array:
        """Outcome probabilities of the mixtures before readout, (cells, settings, outcomes)."""
        return np.einsum("cm,cmso->cso", self.weight, self.probabilities)

    @property
    def read(self) -> Array:
        """Probabilities of what is read, (cells, members, settings, outcomes)."""
        return self.probabilities if self.confusion is None else self.probabilities @ self.confusion.T

    @property
    def share(self) -> Array:
        """w_m^2 / n_sm, (cells, members, settings); 0 for members of no weight, infinite for those of no shots."""
        weight = self.weight[..., None] ** 2 + 0.0 * self.shots
        safe = np.where(self.shots > 0, self.shots, 1.0)
        return np.where(weight > 0, np.where(self.shots > 0, weight / safe, np.inf), 0.0)

    @property
    def effective(self) -> Array:
        """N_s = 1 / sum_m w_m^2 / n_sm, (cells, settings)."""
        with np.errstate(divide="ignore"):
            return 1 / self.share.sum(axis=1)


def check_target(experiment: Experiment, target: str) -> None:
    """Refuses what cannot be a target of a protocol.

    Args:
        experiment: The protocol.
        target: What is asked for.

    Raises:
        RequestError: With what can.
    """
    if target not in TARGETS:
        raise RequestError(f"Argument `target` must be one of {', '.join(TARGETS)}, but is {target!r}.")
    if experiment.sides != experiment.qubits or experiment.registers(experiment.points({}, reference="nominal")):
        raise RequestError(
            f"Argument `target` needs heat between the two qubits that are read and nothing beside, which "
            f"{experiment.name} does not have. Drop --target."
        )


def strata_of(counts: Counts) -> Strata:
    """What expected counts were made of; the readout is that of their calibration."""
    shots = counts.shots
    read = counts.observed / np.where(shots > 0, shots, 1)[..., None]
    confusion, calibration = None, 0
    if counts.calibrated:
        confusion = counts.frequencies.confusion
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
    """Standard error of the net heat into the qubit that a word reads, (cells,) [gap]; 0 if 0 by definition.

    Args:
        counts: Measured or expected.
        word: The Pauli word of the qubit's energy.
        home: Index of the reference of each cell, (cells,); -1: exact.
    """
    errors = counts.linear_errors((word,))
    half = np.full((len(home), 1), 0.5)
    stderr = np.sqrt(errors.variance(half, -half, home))
    return np.where(home == np.arange(len(home)), 0.0, stderr)


def state_deviation(counts: Counts, of: Callable[[Array], Array]) -> Array:
    """Root mean square deviation of a function of the estimated state from its value, bias included, (cells,).

    From simulated experiments with the shots of these counts: near the boundary of state space, where a function is
    flat, and where settings of few shots bound what others measure well, first order misleads by factors.

    Args:
        counts: Expected; their shots are drawn.
        of: States (n, d, d) -> (n,).
    """
    generator = np.random.default_rng(counts.seed)
    repeats = int(np.clip(MOST_FITS // len(counts.weight), *REPEATS))
    shots = np.where(counts.shots > 0, np.maximum(np.rint(counts.shots), 1), 0).astype(np.int64)
    share = counts.observed / np.where(counts.shots > 0, counts.shots, 1)[..., None]
    share[shots == 0] = np.eye(share.shape[-1])[0]
    drawn = generator.multinomial(shots, share, size=(repeats, *shots.shape))
    measured = counts.frequencies
    confusion = measured.confusion
    if counts.calibrated:
        often = np.rint(counts.calibration.sum(axis=1)).astype(np.int64)
        again = generator.multinomial(often, confusion.T, size=(repeats, len(often)))
        confusion = np.swapaxes(again / often[:, None], -1, -2)
    reading = replace(
        measured,
        read=np.einsum("rcmso,cms->rcso", drawn, counts.member_weight_as_measured / np.maximum(shots, 1)),
        confusion=confusion,
        strata=drawn,
    )
    true = of(maximum_likelihood(measured))
    return np.sqrt(np.mean((of(maximum_likelihood(reading)) - true) ** 2, axis=0))


def qubit_word(experiment: Experiment, subject: str) -> str:
    """The Pauli word that a qubit's energy is read from: "ZI".

    Args:
        experiment: Its qubits are the letters of the word.
        subject: The qubit.
    """
    return "".join("Z" if qubit == subject else "I" for qubit in experiment.qubits)


def shared_home(points: Points, arms: int) -> Array:
    """Index of each cell's reference cell, arm-major; -1: exact.

    Args:
        points: The sweep.
        arms: Number of arms.
    """
    return np.concatenate([np.where(points.reference < 0, -1, points.reference + a * len(points)) for a in range(arms)])
