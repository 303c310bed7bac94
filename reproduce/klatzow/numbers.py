"""Numbers that the figures are compared with; no paper prints them."""

from __future__ import annotations

import math
from collections.abc import Mapping

OWN = "this project's own numbers"
"""Closed forms, matrices of fluid and ancilla, and Liouvillians of another hand."""
WORKS_PRINTED: Mapping[str, tuple[tuple[float, str, str], ...]] = {
    "flown": ((0.25, "0.0441170", "0.0072878"), (0.4, "0.0657739", "0.0168867"), (1.2, "0.0912816", "0.0674794")),
    "weaker": (
        (0.1, "0.016820", "0.001477"),
        (0.2, "0.042457", "0.005643"),
        (0.5, "0.074063", "0.026861"),
        (1.0, "0.082866", "0.057967"),
        (math.pi / 2, "0.084844", "0.075"),
        (math.pi, "0.085714", "0.085714"),
    ),
}
"""By case: theta, work with and without coherence."""
RATIOS_PRINTED: Mapping[str, tuple[tuple[tuple[float, str], ...], str]] = {
    "flown": (((0.25, "6.05351"), (0.4, "3.895017")), "10.450531"),
    "weaker": (
        (
            (0.1, "11.39"),
            (0.2, "7.524"),
            (0.5, "2.757"),
            (1.0, "1.430"),
            (math.pi / 2, "1.131"),
            (math.pi, "1.0000000"),
        ),
        "13.928203",
    ),
}
"""By case: theta and ratio, and the limit."""
START_UPS: Mapping[tuple[str, str], str] = {
    ("flown", "coherent"): "0.002478 0.008140 0.015011 0.021858",
    ("flown", "dephased"): "0.002478 0.004113 0.005193 0.005905",
    ("weaker", "coherent"): "0.001495 0.005158 0.009987 0.015258",
}
"""By case and engine: the first cycles from a mixed fluid."""
