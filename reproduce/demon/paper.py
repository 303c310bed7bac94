"""What is drawn of feedback and erasure, and where it comes from."""

from __future__ import annotations

from reproduce.demon import erasure, feedback
from reproduce.drawing import Paper

PAPER = Paper(
    name="demon",
    title="Information to work and back: a Maxwell demon, and Landauer's erasure",
    source="T. Sagawa and M. Ueda, PRL 100, 080403 (2008) and 104, 090602 (2010); R. Landauer, IBM J. Res. Dev. 5, 183 "
    "(1961)",
    offers={
        "work": feedback.WORK,
        "average": feedback.AVERAGE,
        "staircase": erasure.STAIRCASE,
        "erasure": erasure.ERASURE,
    },
    remarks=(
        "The theorems, W <= T I and <e^(W/T - i)> = 1 with feedback, and Landauer's bound are the papers', from "
        "memory. The demon of two qubits, erasure by full swaps and every parameter were chosen here; no paper prints "
        "these numbers.",
        "All are closed forms. The protocols maxwell-demon and landauer-erasure carry out the same models as circuits.",
    ),
)
