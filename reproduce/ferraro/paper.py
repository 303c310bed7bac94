"""D. Ferraro et al., Phys. Rev. Lett. 120, 117702 (2018)."""

from __future__ import annotations

from reproduce.drawing import Paper
from reproduce.ferraro import advantage, charging, qubits
from reproduce.ferraro.system import ADVANTAGE

PAPER = Paper(
    name="ferraro",
    title="High-power collective charging of a solid-state quantum battery",
    source="D. Ferraro, M. Campisi, G. M. Andolina, V. Pellegrini and M. Polini, Phys. Rev. Lett. 120, 117702 (2018), "
    "arXiv:1707.04930",
    offers={**charging.OFFERS, **advantage.OFFERS, **qubits.OFFERS},
    remarks=(
        "Of the paper its abstract was read: N two-level systems in one cavity gain charging power, against N separate "
        "ones, like sqrt N. The Dicke Hamiltonian is that of a public re-implementation; couplings and numbers "
        "are chosen or computed here, and nothing is compared with a number of the paper.",
        ADVANTAGE,
        "The battery of qubits is this suite's own: chargers and cells, all coupled, as quantum-battery flies two of "
        "each.",
    ),
)
