r"""Energy levels between two walls: a qubit, a ladder, and a particle in a box that touches each wall with its edge.

Each wall moves the system between its levels with rates of Pauli's form, here from l to k,

$$ W_{kl} = \Gamma\,|S_{kl}|^2\,g(E_k - E_l; T), $$

with the matrix elements S of what the wall couples to and a rate law g that is balanced,
$g(\omega; T) = e^{-\omega/T}\,g(-\omega; T)$. Both walls have the same $|S_{kl}|^2$.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from protocols import Array, RequestError
from theory.arguments import counting, positive, within

RateLaw = Literal["bosonic", "ohmic", "metropolis", "fermi"]
LAWS: tuple[RateLaw, ...] = ("bosonic", "ohmic", "metropolis", "fermi")


@dataclass(frozen=True, kw_only=True, eq=False)
class Conductor:
    """Levels that carry heat between two walls; made by `bridge`, `ladder` or `box`.

    Raises:
        RequestError: For an unknown law, or a rate that is not positive.
    """

    energies: Array
    """Rising, (levels,)."""
    overlaps: Array
    """|S_kl|^2, symmetric, (levels, levels); what stands on the diagonal moves nothing."""
    law: RateLaw = "bosonic"
    """g upwards and downwards, with n = 1/(e^{w/T} - 1) at the distance w of two levels: bosonic n, n + 1 (all
    distances coupled alike); ohmic w n, w (n + 1); metropolis e^{-w/T}, 1; fermi 1/(1 + e^{w/T}), 1/(1 + e^{-w/T})."""
    rate: float = 1.0
    """Gamma."""

    def __post_init__(self) -> None:
        positive("rate", self.rate)
        if self.law not in LAWS:
            raise RequestError(f"Argument `law` must be one of {', '.join(LAWS)}, but is {self.law!r}. Take bosonic.")

    @property
    def gaps(self) -> Array:
        """E_k - E_l, (levels, levels): what the system gains on the way from l to k."""
        return self.energies[:, None] - self.energies[None, :]

    def rates(self, T: Array | float) -> Array:
        """W_kl of one wall, from l to k.

        Args:
            T: Its temperature, any shape; 0 for the limit in which it only takes energy.

        Returns:
            Shape (..., levels, levels), 0 on the diagonal.

        Raises:
            RequestError: For a negative temperature, or none.

        Examples:
            >>> bridge().rates(1.0).round(6).tolist()
            [[0.0, 1.581977], [0.581977, 0.0]]
        """
        T, gap = np.asarray(T, dtype=float), np.abs(self.gaps)
        if not (T >= 0).all():
            raise RequestError(f"Argument `T` must be temperatures of at least 0, but has {T.min()}. Give e.g. 0.1.")
        with np.errstate(divide="ignore", invalid="ignore"):
            weight = np.exp(-gap / T[..., None, None])
            down = {
                "bosonic": 1 / (1 - weight),
                "ohmic": gap / (1 - weight),
                "metropolis": np.ones_like(weight),
                "fermi": 1 / (1 + weight),
            }[self.law]
            W = self.rate * self.overlaps * np.where(self.gaps > 0, weight * down, down)
        return np.where(gap > 0, W, 0.0)


def bridge(gap: float = 1.0, *, law: RateLaw = "bosonic", rate: float = 1.0) -> Conductor:
    """One qubit between the walls.

    Args:
        gap: Distance of its levels.
        law: Of the rates; "fermi" is that of many weak collisions with thermal ancillas.
        rate: Gamma.
    """
    positive("gap", gap)
    return ladder(2, gap=gap, law=law, rate=rate)


def ladder(levels: int, *, gap: float | None = None, law: RateLaw = "bosonic", rate: float = 1.0) -> Conductor:
    """Levels of which each wall couples the neighbours alone, all alike, |S|^2 = 1.

    Args:
        levels: How many.
        gap: Distance of equidistant ones; None for the energies of the box, k^2.
        law: Of the rates.
        rate: Gamma.
    """
    counting("levels", levels, 2)
    k = np.arange(1, levels + 1, dtype=float)
    energies = k**2 if gap is None else gap * (k - 1)
    return Conductor(energies=energies, overlaps=np.eye(levels, k=1) + np.eye(levels, k=-1), law=law, rate=rate)


def box(levels: int, contact: float, *, law: RateLaw = "bosonic", rate: float = 1.0) -> Conductor:
    r"""A particle in a box, touched by each wall within the fraction d of the box next to it.

    $E_k = k^2$ in units of the ground-state energy, $\psi_k = \sqrt 2 \sin k\pi x$ on 0..1, and S is the projector on
    the contact of the left wall; that of the right one has the elements $(-1)^{k+l} S_{kl}$:

    $$ S_{kl} = 2\int_0^d \sin k\pi x\,\sin l\pi x\,dx
        = \frac{\sin (k-l)\pi d}{(k-l)\pi} - \frac{\sin (k+l)\pi d}{(k+l)\pi}. $$

    Args:
        levels: K, the number of levels that are kept.
        contact: d within (0, 1/2]; wider ones overlap, and move between the levels what 1 - d does.
        law: Of the rates.
        rate: Gamma.

    Examples:
        >>> float(box(4, 0.5).overlaps[0, 1].round(9))  # (4/(3 pi))^2
        0.180126549
    """
    counting("levels", levels, 2)
    within("contact", contact, 0.0, 0.5, strict=True)
    k = np.arange(1, levels + 1, dtype=float)
    S = contact * (np.sinc((k[:, None] - k) * contact) - np.sinc((k[:, None] + k) * contact))
    return Conductor(energies=k**2, overlaps=S**2, law=law, rate=rate)
