"""What is drawn of algorithmic cooling, and what is known of its papers."""

from __future__ import annotations

from reproduce.drawing import Paper
from reproduce.rodriguez_briones import cost, limits, rounds, teleportation

PAPER = Paper(
    name="rodriguez-briones",
    title="Algorithmic cooling beyond the bath, and cooling by correlations",
    source="N. A. Rodriguez-Briones et al., correlation-enhanced algorithmic cooling; review arXiv:2505.04689; "
    "experiment with a target and two reset spins in diamond: S. Zaiser et al., arXiv:1812.06252",
    offers={
        "rounds": rounds.ROUNDS,
        "approach": rounds.APPROACH,
        "limits": limits.LIMITS,
        "cost": cost.COST,
        "teleportation": teleportation.TELEPORTATION,
    },
    remarks=(
        "Of these papers only abstracts were read: that heat-bath algorithmic cooling has a limit, that the experiment "
        "repeats one compression of a target with two reset spins until it reaches it, that relaxation acting jointly "
        "goes beyond the limit of separate resets, and that teleported energy is used as a step of cooling. Models and "
        "numbers here are this project's own, and so is the polarisation 0.5 of the bath.",
        "The joint relaxation (c) is one model of an Overhauser-type reset; whether it is the papers' is not known.",
    ),
)
