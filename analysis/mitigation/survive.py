r"""How much of a state the gates left: the survival of the member that stays where it is, pooled over the run.

|00> is an eigenstate of every partial swap, so its own counts in Z measure the depolarisation of its k gates without
one more circuit: S = P(00) gives F = (S - 1/d)/(1 - 1/d) = f^k, and a member with k' gates has F^(k'/k) = f^k'. The
gates are the same at every point and in every arm (only their angles differ), so that S is pooled over all of them;
where it differs between them by more than chance and by more than the systematic error covers, there is no such factor.

|00> also shows which of two qubits errs more. Where nothing is exchanged, in the reference, an error of one qubit alone
flips that one: d = P(10) - P(01), over k gates. The preparation of a member with k' gates has k' - k of them, whence
its tilt t = d (k' - k)/k (`maps`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from analysis.data import PSEUDO_COUNTS, Counts, calibration_root
from analysis.mitigation.members import Members, refused, z_setting
from analysis.statistics import Strata, pooled
from protocols import Array

SYSTEMATIC = 0.25
"""Of the applied correction: what is not known of it. Chosen on three models of noise, where the residual of the mean
was 1, 6 and 26 % of it for survival and 2, 4 and 16 % for both (docs/mitigation.md); not yet met by a real device."""
LEAST_FACTOR = 0.9
"""Per gate: a worse chip does more than depolarise."""
ALARM = 1e-4
"""How often factors that are the same everywhere are refused as different."""
BEYOND = 3.0
"""By how many standard errors a factor may be above 1, as counts without noise scatter about it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Pooled:
    """What the counts of one member say in some cells together, corrected for readout."""

    value: float
    variance: float
    """Of the value, from its counts."""
    calibration: Array
    """(sources,) response of the value to the noise of the readout calibration."""
    row: Array
    """(outcomes,) derivative of the value of a cell with respect to what was read there."""
    share: Array
    """(cells,) of the shots."""

    @property
    def stderr(self) -> float:
        """Of the value, that of the calibration included."""
        return float(np.sqrt(self.variance + (self.calibration**2).sum()))


@dataclass(frozen=True, kw_only=True, eq=False)
class Survival(Pooled):
    """The pooled survival of one member: its value is S."""

    factor: float
    """F of its circuit."""
    gates: int
    """k of its circuit."""
    unequal: Pooled | None
    """d, by how much more often the first of two qubits is flipped than the second; None: not known."""
    covariance: float
    """Of S with d, from their counts."""
    p: float
    """Of the test that all cells have one survival."""
    spread: float
    """What the cells differ by beyond chance, as a fraction of 1 - S."""

    @property
    def slope(self) -> float:
        """dF/dS."""
        size = len(self.row)
        return size / (size - 1)

    @property
    def per_gate(self) -> tuple[float, float]:
        """f and its standard error, that of the calibration included."""
        f = self.factor ** (1 / self.gates)
        return f, f / (self.gates * self.factor) * self.slope * self.stderr

    def factors(self, gates: Array) -> Array:
        """f^k of circuits with so many gates."""
        return self.factor ** (gates / self.gates)

    def tilt_slopes(self, members: Members) -> Array:
        """dt/dd of every member, (cells, members): its gates of preparation over k; 0 without a carrier."""
        sign = np.array(
            [0 if one is None else 1 - 2 * one for one in members.carriers or (None,) * len(members.numbers)]
        )
        return sign * np.maximum(members.gates - self.gates, 0) / self.gates

    @property
    def known(self) -> tuple[Pooled, ...]:
        """S, and d where that is known: what mitigated moments depend on beside their own counts."""
        return (self,) if self.unequal is None else (self, self.unequal)

    @property
    def covariances(self) -> Array:
        """Of those, from their counts, (known, known)."""
        if self.unequal is None:
            return np.array([[self.variance]])
        return np.array([[self.variance, self.covariance], [self.covariance, self.unequal.variance]])


def measured_survival(data: Counts, members: Members, inverse: Array, references: Collection[int] = ()) -> Survival:
    """The pooled survival, with what its error is made of.

    Args:
        data: What was measured.
        members: Whose number of excitations and gates are known.
        inverse: Of the readout confusion, (true, read).
        references: Cells in which nothing is exchanged; none: it is not known which qubit errs more.

    Raises:
        RequestError: If no member stays where it is, or has the same gates everywhere.
    """
    unmoved = members.unmoved
    if unmoved is None:
        raise refused(
            "needs a member whose qubits all stay in their ground state, which shows the survival, but this ensemble "
            "has none; symmetry needs none"
        )
    z = z_setting(data)
    counts = data.observed[:, unmoved, z]
    used = counts.sum(axis=-1) > 0
    gates = np.unique(members.gates[used, unmoved])
    if len(gates) != 1 or gates[0] < 1:
        raise refused(
            f"needs one number of two-qubit gates for the member that stays, but its circuits have "
            f"{', '.join(map(str, gates)) or 'none'}"
        )
    stays = 0 if members.excitations[unmoved] == 0 else counts.shape[-1] - 1
    size, found = counts.shape[-1], _pooled(data, counts, inverse[stays], inverse)
    p, spread = _differ(counts[used], found.row, found.value)
    unequal, covariance = _unequal(data, members, counts, stays, inverse, references)
    return Survival(
        **vars(found),
        factor=max((found.value - 1 / size) / (1 - 1 / size), 1e-9),
        gates=int(gates[0]),
        unequal=unequal,
        covariance=covariance,
        p=p,
        spread=spread,
    )


def _pooled(data: Counts, counts: Array, row: Array, inverse: Array) -> Pooled:
    """A linear function of corrected frequencies, of the counts of some cells together, (cells, outcomes)."""
    total = counts.sum()
    mean = counts.sum(axis=0) / total
    value, step = float(row @ mean), np.ptp(row) / total
    return Pooled(
        value=value,
        variance=float((row**2 @ mean - value**2) / max(total - 1, 1) + PSEUDO_COUNTS * step**2),
        calibration=_response(data, row, inverse @ mean),
        row=row,
        share=counts.sum(axis=-1) / total,
    )


def _unequal(
    data: Counts, members: Members, counts: Array, stays: int, inverse: Array, references: Collection[int]
) -> tuple[Pooled | None, float]:
    """How much more often the first qubit is flipped than the second, and its covariance with the survival."""
    own = np.zeros_like(counts)
    own[list(references)] = counts[list(references)]
    if counts.shape[-1] != 4 or not any(one is not None for one in members.carriers) or not own.sum():
        return None, 0.0
    found = _pooled(data, own, inverse[stays ^ 0b10] - inverse[stays ^ 0b01], inverse)
    mean = own.sum(axis=0) / own.sum()
    survived = inverse[stays]
    joint = (found.row * survived) @ mean - found.value * (survived @ mean)
    return found, float(joint / max(counts.sum() - 1, 1))


def _response(data: Counts, row: Array, true: Array) -> Array:
    """Response of row . M^-1-corrected frequencies to the noise of the calibration, (sources,)."""
    if not data.calibrated:
        return np.zeros(1)
    return -np.einsum("i,j,jik->jk", row, true, calibration_root(data.calibration)).ravel()


def _differ(counts: Array, row: Array, value: float) -> tuple[float, float]:
    """Whether cells have one survival: p of the test, and what they differ by beyond chance over 1 - S.

    The readout is the same in all of them, so what was read is compared, given how often each outcome was read in all.
    """
    if len(counts) < 2:
        return 1.0, 0.0
    stays = int(np.argmax(row))
    two = np.stack([counts[:, stays], counts.sum(axis=-1) - counts[:, stays]], axis=1)
    cell, outcome = np.divmod(np.arange(two.size), 2)
    test = pooled(
        Strata(
            stratum=np.zeros(two.size, dtype=int),
            group=cell,
            outcome=outcome,
            score=np.zeros((two.size, 0)),
            count=two.ravel(),
        )
    )
    shots = two.sum(axis=1)
    share = two[:, 0].sum() / shots.sum()
    beyond = np.sqrt(max(test.statistic - test.expected, 0.0) * share * (1 - share) / shots.sum())
    return float(test.p), float(beyond * np.ptp(row) / max(1 - value, 1e-12))


def check_survival(found: Survival) -> None:
    """Refuses what depolarisation does not explain.

    Args:
        found: The pooled survival.

    Raises:
        RequestError: For a factor outside of (0.9, 1], or one that differs between points.
    """
    f, error = found.per_gate
    if f <= LEAST_FACTOR or f > 1 + BEYOND * error:
        raise refused(
            f"needs a factor per two-qubit gate above {LEAST_FACTOR:g} and up to 1, but |00> gives {f:.4f} +- "
            f"{error:.4f}: more than depolarisation happened, or the readout calibration is not that of these counts"
        )
    if found.p < ALARM and found.spread > SYSTEMATIC:
        raise refused(
            f"needs one factor for all points, but the survival of |00> differs between them (p = {found.p:.1g}, by "
            f"{found.spread:.0%} of the loss): the gates did not err alike"
        )
