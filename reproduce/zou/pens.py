"""Which line is what in these figures, and whose numbers they are compared with."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.figures import BLUE, GREEN, GREYS, ORANGE, PURPLE, VERMILLION, Pen

OWN = "this project's own numbers"
"""Closed forms, matrices and a Monte Carlo of another hand; no paper's."""
CLASSICAL = Pen(colour=GREYS[0], marker="^", dash="--", filled=False)
REFLECTING = Pen(colour=GREYS[1], marker="v", dash="-.", filled=False)
QUBIT = Pen(colour=BLUE, marker="s")
BOX = Pen(colour=VERMILLION, marker="o")
NARROW = Pen(colour=ORANGE, marker="P", dash="-.")
LADDER = Pen(colour=GREEN, marker="D", dash="--")
LAW_PENS: Mapping[str, Pen] = {
    "bosonic": BOX,
    "ohmic": LADDER,
    "metropolis": Pen(colour=BLUE, marker="s", dash="-."),
    "fermi": Pen(colour=PURPLE, marker="v", dash=(0, (1, 1.2))),
}
