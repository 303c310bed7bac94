"""Which line is what, the same in all figures."""

from __future__ import annotations

from analysis.figures import BLUE, GREEN, GREYS, ORANGE, PURPLE, VERMILLION, Pen

ANOMALOUS = Pen(colour=VERMILLION, marker="o")
FORWARD = Pen(colour=BLUE, marker="s", dash="--")
NORMAL = Pen(colour=GREEN, marker="D", dash="-.")
UNCORRELATED = Pen(colour=GREYS[0], marker="^", dash="--", filled=False)
SECOND = Pen(colour=PURPLE, marker="v", dash="--")
THIRD = Pen(colour=ORANGE, marker="P", dash="-.")
HOT, COLD = Pen(colour=VERMILLION, marker="o"), Pen(colour=BLUE, marker="s", dash="--")
HOT_CONTROL = Pen(colour=GREYS[0], marker="^", filled=False)
COLD_CONTROL = Pen(colour=GREYS[1], marker="v", dash="--", filled=False)
PHASES = {"-pi/2": ANOMALOUS, "+pi/2": FORWARD, "0": NORMAL}
"""By delta."""
