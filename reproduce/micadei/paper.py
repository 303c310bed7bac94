"""What is redrawn of K. Micadei et al., Nat. Commun. 10, 2456 (2019)."""

from __future__ import annotations

from reproduce.drawing import Paper
from reproduce.micadei.figures import OFFERS
from reproduce.micadei.runs import UNVERIFIED

PAPER = Paper(
    name="micadei",
    title="Reversing the direction of heat flow using quantum correlations",
    source="K. Micadei et al., Nat. Commun. 10, 2456 (2019)",
    offers=OFFERS,
    remarks=(
        *UNVERIFIED,
        "Measured points of that experiment were not available; nothing here is compared with them.",
    ),
)
