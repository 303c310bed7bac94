"""Baths that reproduce what the paper says of its open dynamics: it states no cut-off, so all of these are inferred."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from theory.model import Bath, Expansion, OpenPair

KAPPA = 0.01
"""kappa, of both baths in the transient and of A in the pump [gap]."""
RATIO_OF_COUPLINGS = 2.3
"""kappa_B/kappa_A of the pump, for which <V> = 0 near the end of its stroke."""
STROKE = 6.1
"""Of the pump [hbar/gap]."""
PERIOD = 400.0
"""Of the pump, long enough for the qubits to relax; inferred [hbar/gap]."""
T_A, T_B, OMEGA = 2.0, 1.0, 0.1


@dataclass(frozen=True, kw_only=True)
class BathSet:
    """A choice of the spectral density's scale and cut-off, and of the depth that it needs."""

    name: str
    ratio: float
    """lambda/kappa."""
    cutoff: float
    """gamma [gap/hbar]."""
    depth: int

    @property
    def text(self) -> str:
        """In words, for every figure that rests on it."""
        return f"set {self.name}: lambda/kappa = {self.ratio:g}, cut-off gamma = {self.cutoff:g}, both inferred"

    def pair(self, kappa_A: float = KAPPA, kappa_B: float = KAPPA) -> OpenPair:
        """The paper's qubits in these baths."""
        return OpenPair(
            bath_A=Bath(temperature=T_A, coupling=kappa_A, cutoff=self.cutoff, ratio=self.ratio),
            bath_B=Bath(temperature=T_B, coupling=kappa_B, cutoff=self.cutoff, ratio=self.ratio),
            coupling=OMEGA,
            expansion=Expansion(depth=self.depth),
        )


SETS: Mapping[str, BathSet] = {
    "S": BathSet(name="S", ratio=1.0, cutoff=0.2, depth=4),
    "P": BathSet(name="P", ratio=1.0, cutoff=1.5, depth=3),
    "B": BathSet(name="B", ratio=0.5, cutoff=0.4, depth=3),
}
"""S meets most features of the paper and is drawn in front; in the first cycle P has the paper's efficiency by the
system's current, and B by the bath's energy."""


def inferred(sets: Mapping[str, BathSet]) -> tuple[str, ...]:
    """What every figure with baths says of its spectral density."""
    return (
        "The paper does not state its spectral cut-off. "
        + "; ".join(one.text for one in sets.values())
        + ". J(w) = 2 lambda gamma w/(w^2 + gamma^2), Pade expansion with one term and terminator.",
        "gamma cannot be identified: at lambda = kappa the printed efficiency .186 is met for gamma of about 0.2 to 2.",
    )
