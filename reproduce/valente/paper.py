"""What the page says of the paper, and which figures there are."""

from __future__ import annotations

from reproduce.drawing import Offer, Paper
from reproduce.valente.box import box, gradient
from reproduce.valente.models import models, patches
from reproduce.valente.settling import relaxation

PAPER = Paper(
    name="valente",
    title="Generalised Caldeira-Leggett models: transport towards the cold",
    source="arXiv:2603.26980 (its abstract alone was read)",
    offers={
        "box": Offer(make=box, measures=()),
        "gradient": Offer(make=gradient, measures=()),
        "patches": Offer(make=patches, measures=()),
        "models": Offer(make=models, measures=()),
        "relaxation": Offer(make=relaxation, measures=()),
    },
    remarks=(
        "Of the paper is known that there are two models, that both show transport towards the cold, and that the "
        "second is the one that quantises naturally. Its equations and figures were not available: every parameter "
        "here is chosen here, and no number is the paper's.",
        "Model II is taken in its white-noise limit without inertia, derived here: J = -(1/eta)[V'P + (T P)']. "
        "Model I is a force F(x) beside unchanged noise; what its drive looks like in the paper is not known, so F is "
        "chosen here.",
        "A place and classical noise have no faithful circuit, so no run can be laid over. The circuit next of kin is "
        "the protocol thermophoresis, a quantum particle between two baths, which drifts to the cold as well.",
    ),
)
