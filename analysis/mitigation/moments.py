"""Moments of energies with the errors of gates removed, and their exact first-order errors.

Every stratum (member m, setting s) is corrected for readout, mapped by `maps`, weighted with the exact probability of
its member and added up. The variance has what each stratum scatters, the readout calibration that all share, and what
is known of |00>, the pooled survival S and how unequal the qubits are: those are made of the same counts, so that what
|00> adds directly goes with what it adds to them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.data import PSEUDO_COUNTS, Counts, calibration_root
from analysis.mitigation.maps import LEAST_KEPT, Mapped, both, sector, survival, symmetry
from analysis.mitigation.members import Members, Mitigation, z_setting
from analysis.mitigation.survive import Survival
from protocols import Array


@dataclass(frozen=True, kw_only=True, eq=False)
class MitigatedMoments:
    """Pauli words in Z with the errors of gates removed."""

    words: tuple[str, ...]
    values: Mapping[str, Array]
    """(cells,) each."""
    shot: Array
    """(cells, words, words) covariance from the counts of the cell itself, with what is known of |00> held."""
    by_known: Array
    """(cells, words, known) derivative with respect to that, `Survival.known`."""
    with_known: Array
    """(cells, words, known) covariance of what the counts add directly with what the same counts add to that."""
    of_known: Array
    """(known, known) covariance of that."""
    shared: Array
    """(cells, words, sources) response to the noise of the calibration, what goes through |00> included."""
    step: Array
    """(cells, words, strata, outcomes) what one count of each outcome adds."""

    def variance(self, here: Array, reference: Array, home: Array) -> Array:
        """Variance of a linear function of the moments of a cell and of its reference, (cells,).

        Args:
            here: Coefficients of the cell's own moments, (cells, words).
            reference: Coefficients of its reference's moments, (cells, words).
            home: Index of the reference cell, (cells,); -1 for an exact reference.
        """
        itself = home == np.arange(len(home))
        other = np.where((itself | (home < 0))[:, None], 0.0, reference)
        own = np.where(itself[:, None], here + reference, here)
        parts = ((own, np.arange(len(home))), (other, home))
        shared = np.sum([np.einsum("cw,cwk->ck", u, self.shared[at]) for u, at in parts], axis=0)
        slope, common = (
            np.sum([np.einsum("cw,cwp->cp", u, of[at]) for u, at in parts], axis=0)
            for of in (self.by_known, self.with_known)
        )
        alone = np.sum([self._shot(u, at) for u, at in parts], axis=0)
        return alone + (shared**2).sum(axis=1) + self._through_known(slope, common)

    def variance_of_sum(self, coefficients: Array) -> float:
        """Variance of one linear function of the moments of all cells together.

        Args:
            coefficients: (cells, words); 0 for cells that it does not take.
        """
        at = np.flatnonzero(coefficients.any(axis=1))
        u = coefficients[at]
        shared = np.einsum("cw,cwk->k", u, self.shared[at])
        slope, common = (np.einsum("cw,cwp->p", u, of[at]) for of in (self.by_known, self.with_known))
        alone = float(self._shot(u, at).sum()) + float((shared**2).sum())
        return alone + float(self._through_known(slope, common))

    def _through_known(self, slope: Array, common: Array) -> Array:
        """What an error of what is known of |00> adds to a variance."""
        own = np.einsum("...p,pq,...q->...", slope, self.of_known, slope)
        return own + 2 * (slope * common).sum(axis=-1)

    def _shot(self, u: Array, at: Array) -> Array:
        plain = np.einsum("cw,cwv,cv->c", u, self.shot[at], u)
        step = np.ptp(np.einsum("cw,cwto->cto", u, self.step[at]), axis=-1).max(axis=-1)
        return plain + PSEUDO_COUNTS * step**2


def mitigated_moments(
    data: Counts, members: Members, way: Mitigation, survived: Survival | None, words: Sequence[str]
) -> MitigatedMoments:
    """Moments of words in Z alone.

    *symmetry* takes the setting that reads every qubit in Z; *survival* and *both* also take what other settings say of
    a word, where the number cannot be checked and the depolarisation is inverted.

    Args:
        data: What was measured.
        members: Their numbers of excitations and gates.
        way: "symmetry", "survival" or "both".
        survived: The pooled survival; None: it is not needed.
        words: Of Z and I, such as "ZI".
    """
    reading, shots = data.frequencies, np.maximum(data.shots, 1)
    z, cells = z_setting(data), len(data.observed)
    inverse = np.linalg.pinv(reading.confusion)
    share = data.observed / shots[..., None]
    true = share @ inverse.T
    gain = _gain(reading.gain(words), way, z)
    weight = data.member_weight_as_measured
    mapped = _mapped(true, members, way, survived, z)
    unseen = data.shots == 0
    for array in (mapped.value, mapped.by_frequency, mapped.by_factor, mapped.by_tilt):
        array[unseen] = 0.0
    # d(moment)/d(corrected frequency) of every stratum, and with respect to what was read
    each = np.einsum("cwso,cms,cmsoj->cmswj", gain, weight, mapped.by_frequency, optimize=True)
    as_read = each @ inverse
    values = np.einsum("cwso,cms,cmso->cw", gain, weight, mapped.value, optimize=True)
    scale = 1 / np.maximum(data.shots - 1, 1)
    shared = _calibration_response(data, as_read, true)
    slope, common = np.zeros((2, cells, len(words), 0))
    if survived is not None:
        slope = _by_known(gain, weight, mapped, members, survived)
        shared = shared + slope @ np.stack([one.calibration for one in survived.known])
        common = _with_known(as_read[:, members.unmoved, z], share[:, members.unmoved, z], survived)
        common = common * scale[:, members.unmoved, z, None, None]
    return MitigatedMoments(
        words=tuple(words),
        values={word: values[:, i] for i, word in enumerate(words)},
        shot=_covariance(as_read, share, scale),
        by_known=slope,
        with_known=common,
        of_known=survived.covariances if survived else np.zeros((0, 0)),
        shared=shared,
        step=np.moveaxis(as_read / shots[..., None, None], 3, 1).reshape(cells, len(words), -1, as_read.shape[-1]),
    )


def _gain(gain: Array, way: Mitigation, z: int) -> Array:
    """What every outcome of every setting adds to a word: by symmetry those of the one that shows the number alone."""
    if way != "symmetry":
        return gain
    alone = np.zeros_like(gain)
    alone[:, :, z] = np.sign(gain[:, :, z])
    return alone


def _mapped(true: Array, members: Members, way: Mitigation, survived: Survival | None, z: int) -> Mapped:
    """Every stratum mapped, (cells, members, settings, outcomes)."""
    _, number, settings, outcomes = true.shape
    factors = None if survived is None else survived.factors(members.gates)
    if factors is None:
        identity = np.broadcast_to(np.eye(outcomes), (*true.shape, outcomes))
        nothing = np.zeros_like(true)
        found = Mapped(value=true.copy(), by_frequency=identity.copy(), by_factor=nothing, by_tilt=nothing.copy())
    else:
        found = survival(true, np.repeat(factors[..., None], settings, axis=-1))
    if way == "survival":
        return found
    tilts = 0.0 if survived is None or survived.unequal is None else survived.unequal.value
    tilts = tilts * (survived.tilt_slopes(members) if survived else np.zeros((len(true), number)))
    for m in range(number):
        kept = sector(int(members.excitations[m]), outcomes)
        own = (
            symmetry(true[:, m, z], kept) if factors is None else both(true[:, m, z], kept, factors[:, m], tilts[:, m])
        )
        usable = (true[:, m, z] * kept).sum(axis=-1) > LEAST_KEPT
        for into, values in (
            (found.value, own.value),
            (found.by_frequency, own.by_frequency),
            (found.by_factor, own.by_factor),
            (found.by_tilt, own.by_tilt),
        ):
            into[usable, m, z] = values[usable]
    return found


def _covariance(as_read: Array, share: Array, scale: Array) -> Array:
    """Multinomial noise of every stratum, (cells, words, words); divided by N - 1, which makes it unbiased."""
    mean = np.einsum("cmswo,cmso->cmsw", as_read, share)
    square = np.einsum("cms,cmswo,cmsvo,cmso->cwv", scale, as_read, as_read, share, optimize=True)
    return square - np.einsum("cms,cmsw,cmsv->cwv", scale, mean, mean, optimize=True)


def _by_known(gain: Array, weight: Array, mapped: Mapped, members: Members, survived: Survival) -> Array:
    """Derivative of the moments with respect to what is known of |00>, (cells, words, known)."""
    by_S = survived.factors(members.gates) * members.gates / survived.gates / survived.factor * survived.slope
    through = ((mapped.by_factor, by_S), (mapped.by_tilt, survived.tilt_slopes(members)))
    return np.stack(
        [
            np.einsum("cwso,cms,cmso,cm->cw", gain, weight, by, slope, optimize=True)
            for by, slope in through[: len(survived.known)]
        ],
        axis=-1,
    )


def _with_known(as_read: Array, share: Array, survived: Survival) -> Array:
    """Covariance of one shot's part in the moments with its part in what is known of |00>, (cells, words, known)."""
    rows, shares = (np.stack([getattr(one, name) for one in survived.known]) for name in ("row", "share"))
    joint = np.einsum("cwo,po,co->cwp", as_read, rows, share)
    alone = np.einsum("cwo,co->cw", as_read, share)[..., None] * (share @ rows.T)[:, None]
    return (joint - alone) * shares.T[:, None]


def _calibration_response(data: Counts, as_read: Array, true: Array) -> Array:
    """Of the moments with S held, (cells, words, sources)."""
    if not data.calibrated:
        return np.zeros((len(as_read), as_read.shape[3], 1))
    response = -np.einsum("cmswi,cmsj,jik->cwjk", as_read, true, calibration_root(data.calibration), optimize=True)
    return response.reshape(*response.shape[:2], -1)
