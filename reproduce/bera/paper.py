"""What is drawn of laws that count correlations in, and where it comes from."""

from __future__ import annotations

from reproduce.bera import exchange, memory
from reproduce.drawing import Paper

PAPER = Paper(
    name="bera",
    title="Generalized laws of thermodynamics in the presence of correlations",
    source="M. N. Bera, A. Riera, M. Lewenstein and A. Winter, Nat. Commun. 8, 2180 (2017)",
    offers={**exchange.OFFERS, "memory": memory.MEMORY},
    remarks=(
        "Only the abstract was read: laws that hold with correlations, heat counted through conditional entropy, and "
        "anomalous flow as refrigeration that correlation pays for. The identity Clausius sum = change of mutual "
        "information + both relative entropies is derived here; their definition of heat and erasure with a memory are "
        "from memory.",
        "Qubits, temperatures and all numbers were chosen here; nothing is compared with a number of the paper. Runs "
        "of heat-exchange with the state of a panel and coupling 0.1 lie over it, and have all these rows.",
    ),
)
