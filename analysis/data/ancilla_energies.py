"""Mean energies of the ancillas in every stratum: their values, joint covariance with the system, and draws."""

from __future__ import annotations

import typing
from dataclasses import dataclass

import numpy as np

from analysis.data.ancillas import Ancillas
from protocols import Array

if typing.TYPE_CHECKING:
    from analysis.data.count_table import CountTable

FEWEST_BATCHES = 4
"""From which on their scatter has a variance with a finite expectation."""


@dataclass(frozen=True, kw_only=True, eq=False)
class AncillaEnergies:
    """What one shot of a stratum adds to the energy of each register, settings weighed like those of Pauli words."""

    given: Array
    """(cells, members, settings, outcomes, registers): energy of the shots with an outcome over all shots."""
    covariance: Array
    """(cells, members, settings, registers, registers) of one shot."""
    reach: Array
    """(cells, registers, settings): largest minus smallest energy of one shot."""
    value: Array
    """(cells, registers)."""
    response: Array
    """(cells, registers, sources) to the unit-variance noise sources of the calibration."""

    @property
    def mean(self) -> Array:
        """(cells, members, settings, registers)."""
        return self.given.sum(axis=3)


def ancilla_energies(counts: CountTable, ancillas: Ancillas) -> AncillaEnergies:
    """Corrects and weighs the bits of the ancillas.

    Args:
        counts: What was observed of the system; members and settings are weighed by its shots.
        ancillas: What was read beside it, in the same strata; energies are in the unit of its gaps.
    """
    shots, share = np.maximum(counts.shots, 1), counts.member_weight_as_measured
    total = counts.effective.sum(axis=-1, keepdims=True)
    mixture = np.divide(counts.effective, total, out=np.full_like(counts.effective, np.nan), where=total > 0)
    each, offset = ancillas.energy
    offset = np.where(ancillas.unread, np.nan, offset)
    once, twice = ancillas.once / shots[..., None, None], ancillas.twice / shots[..., None, None]
    given = np.einsum("crk,cmsok->cmsor", each, once)
    given += offset[:, None, None, None] * (counts.observed / shots[..., None])[..., None]
    given *= mixture[:, None, :, None, None]
    excited = once.sum(axis=3)
    second = twice - excited[..., :, None] * excited[..., None, :]
    covariance = np.einsum("crk,cmskl,cql->cmsrq", each, second, each, optimize=True)
    overall = np.einsum("cms,cs,cmsk->ck", share, mixture, excited)
    return AncillaEnergies(
        given=given,
        covariance=covariance * mixture[:, None, :, None, None] ** 2,
        reach=np.abs(each).sum(axis=-1)[..., None] * mixture[:, None],
        value=np.einsum("cms,cmsor->cr", share, given),
        response=ancillas.response(overall),
    )


def joint_covariance(counts: CountTable, energies: AncillaEnergies, gain: Array) -> tuple[Array, Array]:
    """Shot noise between words and registers, (cells, words, registers), and between registers.

    Args:
        counts: What was observed.
        energies: Of its ancillas.
        gain: d(word)/d(read frequency), (cells, words, settings, outcomes).
    """
    scale = counts.member_weight_as_measured**2 / np.maximum(counts.shots - 1, 1)
    frequency = counts.observed / np.maximum(counts.shots, 1)[..., None]
    first = np.einsum("cwso,cmso->cmsw", gain, frequency)
    mixed = np.einsum("cms,cwso,cmsor->cwr", scale, gain, energies.given, optimize=True)
    mixed -= np.einsum("cms,cmsw,cmsr->cwr", scale, first, energies.mean, optimize=True)
    return mixed, np.einsum("cms,cmsrq->crq", scale, energies.covariance)


def batch_covariance(parts: Array) -> Array:
    """Covariance from the scatter of the batches of a random preparation, (cells, quantities, quantities).

    A batch is one draw of the flips, which all members of the system and all settings share: what it contributes in
    all of them together is one independent draw, of shot noise too. From few draws the variance is poorly known: it is
    that of Student's t, (B - 1)/(B - 3) times the estimate, so that a value in its standard errors has variance 1.
    Flips that came up in no batch leave no trace: batches times the rarest probability has to be several. NaN below 4
    batches.

    Args:
        parts: What each batch contributes, (cells, batches, quantities).
    """
    number = parts.shape[1]
    if number < FEWEST_BATCHES:
        return np.full((len(parts), parts.shape[2], parts.shape[2]), np.nan)
    left = parts - parts.mean(axis=1, keepdims=True)
    # the sum of B parts has B times the variance of one
    return number / (number - 3) * np.einsum("cbq,cbp->cqp", left, left)


def by_batch(batch: Array, of_members: Array) -> Array:
    """Sums over the members of each batch, (cells, batches, ...).

    Args:
        batch: Which batch a member is in, counted from 0, (members,) int.
        of_members: What is summed, (cells, members, ...).

    Examples:
        >>> by_batch(np.array([0, 0, 1]), np.array([[1.0, 2.0, 4.0]])).tolist()
        [[3.0, 4.0]]
    """
    number = int(batch.max()) + 1
    summed = np.zeros((of_members.shape[0], number, *of_members.shape[2:]))
    for member, one in enumerate(batch.tolist()):
        summed[:, one] += of_members[:, member]
    return summed


def drawn_energies(
    counts: CountTable, energies: AncillaEnergies, drawn: Array, centre: Array, noise: tuple[Array, Array]
) -> Array:
    """Energies of the registers that belong to drawn outcomes of the system, (draws, cells, registers).

    The mean beside each outcome follows the outcomes; what scatters around it is Gaussian.

    Args:
        counts: What was observed.
        energies: Of its ancillas.
        drawn: Outcomes of the system, (draws, cells, members, settings, outcomes).
        centre: Probabilities they were drawn from, (cells, members, settings, outcomes).
        noise: Standard normal numbers, (draws, cells, registers) and (draws, sources).
    """
    shots, share = np.maximum(counts.shots, 1), counts.member_weight_as_measured
    frequency = (counts.observed / shots[..., None])[..., None]
    # an outcome that was never seen has the mean of its stratum
    beside = np.where(
        frequency > 0, energies.given / np.where(frequency > 0, frequency, 1), energies.mean[:, :, :, None]
    )
    moved = np.einsum("cms,dcmso,cmsor->dcr", share, drawn / shots[..., None] - centre, beside, optimize=True)
    between = np.einsum("cmso,cmsor,cmsoq->cmsrq", frequency[..., 0], beside, beside)
    between -= energies.mean[..., :, None] * energies.mean[..., None, :]
    within = np.einsum("cms,cmsrq->crq", share**2 / shots, energies.covariance - between)
    values, vectors = np.linalg.eigh(np.nan_to_num(within))
    root = vectors * np.sqrt(np.maximum(values, 0))[:, None, :]
    own = np.einsum("crk,dck->dcr", root, noise[0])
    return energies.value + moved + own + np.einsum("crk,dk->dcr", energies.response, noise[1])
