"""C. L. Latune, I. Sinayskiy and F. Petruccione, Phys. Rev. Research 1, 033097 (2019)."""

from __future__ import annotations

from reproduce.drawing import Paper
from reproduce.latune import arrow, ensembles, heat, stars

PAPER = Paper(
    name="latune",
    title="Heat flow reversals without reversing the arrow of time",
    source="C. L. Latune, I. Sinayskiy and F. Petruccione, Phys. Rev. Research 1, 033097 (2019), arXiv:1907.10615",
    offers={**heat.OFFERS, **arrow.OFFERS, **ensembles.OFFERS, **stars.OFFERS},
    remarks=(
        "Of the paper its abstract was read: a collective coupling, coherence between levels of equal energy, no "
        "correlation with the bath, an arrow of time that stays. Model, temperatures, angles and all numbers are "
        "chosen or derived here; nothing is compared with a number of the paper.",
        "The apparent temperature 1/ln(<AA'>/<A'A>) and the collective master equation are the paper's as remembered, "
        "not as read. The cascade is what arXiv:2601.00198 measured; its spins, angles and numbers could not be read.",
        "What classical, separable and entangled pairs can do is derived here, for pairs whose spins are thermal.",
    ),
)
