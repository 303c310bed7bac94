"""What the page says of the papers, and which figures there are."""

from __future__ import annotations

from reproduce.drawing import Offer, Paper
from reproduce.freitas_paz.oscillator import bath, cooling, floor
from reproduce.freitas_paz.qubit import MEASURES, collisions, limit

PAPER = Paper(
    name="freitas-paz",
    title="Fundamental limits for cooling of linear quantum refrigerators",
    source="N. Freitas and J. P. Paz, arXiv:1607.04234 and, how much we can cool a quantum oscillator, 1710.11554 "
    "(their abstracts alone were read)",
    offers={
        "floor": Offer(make=floor, measures=()),
        "cooling": Offer(make=cooling, measures=()),
        "bath": Offer(make=bath, measures=()),
        "qubit": Offer(make=collisions, measures=MEASURES),
        "qubit-floor": Offer(make=limit, measures=()),
    },
    remarks=(
        "Of the papers is known what their abstracts say: driving a linear refrigerator also creates pairs of "
        "excitations, off resonance; at low temperatures this heating wins and enforces the third law; and where "
        "cooling and pairs balance is the limit of laser cooling, of resolved and of unresolved sidebands. Their "
        "equations and figures were not available: both models and all parameters here are chosen here, and no number "
        "is the papers'.",
        "Both limits are met by the oscillator derived here: kappa^2/(16 omega^2) where the mode is narrow, and "
        "kappa/(4 omega) where it is broad and its partner detuned best.",
        "The qubit is this project's own: partial swaps that cool, pair gates that heat. Runs of cooling-floor with "
        "angle 0.5 and initial 0.4 can be laid over it.",
    ),
)
