"""M. Matos, T. Werlang and D. Valente, Quantum thermophoresis, arXiv:2404.12346."""

from __future__ import annotations

from reproduce.drawing import Paper
from reproduce.thermophoresis import chains, drift, rounds

PAPER = Paper(
    name="thermophoresis",
    title="Quantum thermophoresis",
    source="M. Matos, T. Werlang and D. Valente, arXiv:2404.12346",
    offers={**rounds.OFFERS, **drift.OFFERS, **chains.OFFERS},
    remarks=(
        "The model of the paper could not be read. Its abstract says: a force on a particle of three levels in lambda "
        "configuration, in closed form; N sites coupled to their first neighbours with local baths, by numbers; "
        "negative thermophoresis and the Dufour effect in the quantum regime.",
        "Levels, rates, temperatures and all numbers are this suite's own, and so is its force, the bias that stalls "
        "the particle divided by the distance of the sites. Nothing is compared with a number of the paper.",
        "That a vee shows the paper's negative thermophoresis, and heat with a drift at equal temperatures its Dufour "
        "effect, is inferred from the words alone.",
    ),
)
