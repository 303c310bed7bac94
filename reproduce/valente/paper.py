"""What the page says of the paper, and which figures there are."""

from __future__ import annotations

from reproduce.drawing import Offer, Paper
from reproduce.valente.box import box, gradient
from reproduce.valente.models import models, patches
from reproduce.valente.settling import relaxation

PAPER = Paper(
    name="valente",
    title="Thermoforesis from generalized Caldeira-Leggett models",
    source="D. Valente, M. Matos and T. Werlang, arXiv:2603.26980 (its abstract alone was read)",
    offers={
        "box": Offer(make=box, measures=()),
        "gradient": Offer(make=gradient, measures=()),
        "patches": Offer(make=patches, measures=()),
        "models": Offer(make=models, measures=()),
        "relaxation": Offer(make=relaxation, measures=()),
    },
    remarks=(
        "Of the paper is known that it generalises the Caldeira-Leggett model in two ways to baths with a temperature "
        "gradient, and that both show thermophoresis. Its equations and figures were not available: every parameter "
        "here is chosen here, and no number is the paper's. That model I drives one bath and model II is a patchwork "
        "of baths, each with its own temperature, is from this project's reference.",
        "Model II is taken in its white-noise limit without inertia, derived here: J = -(1/eta)[V'P + (T P)']. "
        "Model I is a force F(x) beside unchanged noise; what its drive looks like in the paper is not known, so F is "
        "chosen here.",
        "A place and classical noise have no faithful circuit, so no run can be laid over. The circuit next of kin is "
        "the protocol thermophoresis, a quantum particle between two baths, which drifts to the cold as well.",
    ),
)
