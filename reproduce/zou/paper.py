"""What is redrawn of arXiv:2509.14027, of which no figure was seen."""

from __future__ import annotations

from collections.abc import Mapping

from reproduce.drawing import Offer, Paper
from reproduce.zou import collisions, contacts, transport

OFFERS: Mapping[str, Offer] = {
    "currents": Offer(make=transport.currents, measures=()),
    "relative": Offer(make=transport.relative, measures=()),
    "levels": Offer(make=contacts.levels, measures=()),
    "contact": Offer(make=contacts.contact, measures=()),
    "relaxation": Offer(make=contacts.relaxation, measures=()),
    "convergence": Offer(make=contacts.convergence, measures=()),
    "collisions": Offer(make=collisions.collisions, measures=collisions.AGAINST_T_C),
    "angle": Offer(make=collisions.angle, measures=collisions.AGAINST_ANGLE),
    "rounds": Offer(make=collisions.rounds, measures=collisions.AGAINST_ROUNDS),
}

PAPER = Paper(
    name="zou",
    title="Classical and quantum heat transport through one particle",
    source="arXiv:2509.14027",
    offers=OFFERS,
    remarks=(
        "Of the paper the abstract was read: between two heat baths, one classical particle carries less heat once "
        "the cold bath is cold enough (negative differential thermal resistance), while the current of its Lindblad "
        "version keeps growing as the cold bath cools. A third party's summary, not the paper, says that its particle "
        "is in an infinite well and that its classical baths are walls of a Markov-chain Monte Carlo.",
        "Its equations, parameters and figures were not available. All models, parameters and numbers here are this "
        "project's own, each from two independent routes; that the curves are the paper's is inferred from its "
        "abstract.",
        "What disagrees: that a quantum current keeps growing is not automatic. With a narrow contact it overshoots "
        "and falls again, by 0.05 % to 7 % with the law of the rates. Which law and which operator the paper has is "
        "not known. In every variant the current that is left for T_c -> 0 is at least 93 % of its maximum; the "
        "classical one is 0.",
    ),
)
