"""The whole sweep as one curve: an oscillation through the energies of every sweep and arm, and what it implies.

The motion of the energies fixes the coherence that drives them, dD/dt = 4 Omega Im r with D = E_A - E_B and
r = e^{-i phi_V} rho_{01,10} (Holdsworth and Kawai, PRA 106, 062604; `physics` in README), so that tomography and
dynamics check each other: a swapped qubit, a wrong sign of the phase or of Y shows as a ratio of -1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.data import Data, LinearErrors
from analysis.intervals import Cells, coefficients
from analysis.statistics import JointCovariance
from analysis.sweeps.oscillation import Oscillation, Series, fit
from protocols import Array, Observable, Points
from protocols.program import sweeps

DRIVE = "exchange_coherence"
"""The observable that drives the energy difference, Im r; a protocol without it has no such check."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SweepFit:
    """One energy (subject a qubit) or the energy difference (subject both) along one sweep of one arm."""

    where: Mapping[str, float]
    """Values of the other swept parameters."""
    arm: str
    observable: str
    subject: str
    cells: Array
    """Which cells it went through."""
    oscillation: Oscillation
    """The fit to go by."""
    free: Oscillation | None
    """With frequency and damping fitted, where the points determine them."""
    ideal: Oscillation | None
    """The same through the exact values."""

    @property
    def residuals(self) -> Array:
        """In standard errors of the points."""
        return self.oscillation.residuals


@dataclass(frozen=True, kw_only=True, eq=False)
class DriveCheck:
    """Im r from tomography over Im r from the motion of the energies, along one sweep of one arm."""

    where: Mapping[str, float]
    arm: str
    subject: str
    start: tuple[float, float]
    """Im r at time 0 from the dynamics, and its standard error."""
    ratio: tuple[float, float]
    """And its standard error; 1 when both agree."""
    ideal_start: float


def sweep_fits(
    data: Data,
    observables: Sequence[Observable],
    view: Cells,
    points: Points,
    arms: Sequence[str],
    axis: str,
    frequency: Array | None,
) -> tuple[tuple[SweepFit, ...], tuple[DriveCheck, ...]]:
    """Fits every energy of every sweep and arm, and checks the drive.

    Args:
        data: What was measured.
        observables: Those of the table.
        view: Its cells.
        points: The sweep.
        arms: Names, in the order of the cells.
        axis: The parameter along which the energies oscillate.
        frequency: The protocol's at every point; None where it is not known.
    """
    linear = {(o.name, o.subject): o for o in observables if o.interval == "multinomial" and o.through is None}
    words = sorted({word for o in linear.values() for word in o.reads})
    reader = _Reader(data.moments, data.linear_errors(words), view, points.parameters[axis])
    others = [n for n, v in points.parameters.items() if n != axis and len(np.unique(v)) > 1]
    _, group = sweeps(points.parameters, axis)
    fits: list[SweepFit] = []
    checks: list[DriveCheck] = []
    for number, arm in enumerate(arms):
        for one in dict.fromkeys(group.tolist()):
            chosen = np.flatnonzero(group == one)
            where = {name: float(points.parameters[name][chosen[0]]) for name in others}
            nominal = None if frequency is None else float(frequency[chosen[0]])
            cells = chosen + number * len(points)
            for (name, subject), observable in linear.items():
                if name not in ("energy", "energy_difference"):
                    continue
                found = _fit_of_energy(reader, observable, cells, nominal, where, arm)
                if found is None:
                    continue
                fits.append(found)
                drive = linear.get((DRIVE, subject))
                if drive and name == "energy_difference":
                    check = _check(found, reader.series(drive, cells))
                    checks += [check] if check else []
    return tuple(fits), tuple(checks)


def _fit_of_energy(
    reader: _Reader, energy: Observable, cells: Array, frequency: float | None, where: Mapping[str, float], arm: str
) -> SweepFit | None:
    """The fit of one energy, or of the energy difference, along one sweep of one arm; None where there is none."""
    both = fit(reader.series(energy, cells), frequency)
    if both.chosen is None:
        return None
    return SweepFit(
        where=where,
        arm=arm,
        observable=energy.name,
        subject=energy.subject,
        cells=cells,
        oscillation=both.chosen,
        free=both.free,
        ideal=reader.ideal(energy, cells, frequency),
    )


@dataclass(frozen=True)
class _Reader:
    """Linear observables as series along the axis."""

    moments: Mapping[str, Array]
    errors: LinearErrors
    view: Cells
    axis: Array

    def series(self, observable: Observable, cells: Array) -> Series:
        offset, here, _ = coefficients(observable, self.errors.words, self.view)
        stacked = np.stack([self.moments[word] for word in self.errors.words], axis=1)
        value = offset + (here * stacked).sum(axis=1)
        measured = cells[np.isfinite(value[cells])]
        return Series(
            time=self.axis[measured % len(self.axis)],
            value=value[measured],
            covariance=self.errors.covariance(here, measured),
        )

    def ideal(self, observable: Observable, cells: Array, frequency: float | None) -> Oscillation | None:
        exact = self.view.exact()
        if exact is None or frequency is None:
            return None
        time = self.axis[cells % len(self.axis)]
        return fit(
            Series(time=time, value=observable.of(exact)[cells], covariance=JointCovariance.equal(len(cells))),
            frequency,
        ).given


def _check(difference: SweepFit, drive: Series) -> DriveCheck | None:
    """Regresses the measured drive on the one that the motion demands."""
    theta, covariance = difference.oscillation.theta, difference.oscillation.covariance
    precise = drive.covariance.precision()

    def demanded(theta: Array) -> Array:
        return _drive(theta, drive.time)

    expected = demanded(theta)
    information = float(precise(expected) @ expected)
    if information < 25:  # less than 5 standard errors of drive: nothing to compare
        return None

    def ratio(theta: Array) -> float:
        shape = demanded(theta)
        weighted = precise(shape)
        return float(weighted @ drive.value / (weighted @ shape))

    slope = _gradient(ratio, theta, covariance)
    start = _gradient(lambda t: float(_drive(t, np.zeros(1))[0]), theta, covariance)
    exact = difference.ideal
    return DriveCheck(
        where=difference.where,
        arm=difference.arm,
        subject=difference.subject,
        start=(float(_drive(theta, np.zeros(1))[0]), float(np.sqrt(start @ covariance @ start))),
        ratio=(ratio(theta), float(np.sqrt(1 / information + slope @ covariance @ slope))),
        ideal_start=float(_drive(exact.theta, np.zeros(1))[0]) if exact else np.nan,
    )


def _drive(theta: Array, time: Array) -> Array:
    """dD/dt / (4 Omega) with 2 Omega the frequency."""
    _, a, b, omega, gamma = theta
    decay = np.exp(-gamma * time)
    cosine, sine = np.cos(omega * time), np.sin(omega * time)
    slope = decay * ((omega * b - gamma * a) * cosine - (omega * a + gamma * b) * sine)
    return slope / (2 * omega)


def _gradient(function: Callable[[Array], float], theta: Array, covariance: Array) -> Array:
    """Central differences over a small fraction of the standard errors."""
    gradient = np.zeros(len(theta))
    for i, step in enumerate(1e-3 * np.sqrt(np.diag(covariance))):
        if step > 0:
            shift = step * np.eye(len(theta))[i]
            gradient[i] = (function(theta + shift) - function(theta - shift)) / (2 * step)
    return gradient
