"""The partial swaps whose numbers are known, and what `predict` says of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from protocols import Array
from protocols.heat_exchange import HeatExchange
from protocols.quantities import excited_population
from reproduce.drawing import REFERENCE, Comparison

COUPLING = 0.1
"""That of heat-exchange; angles are COUPLING times a time."""
ANGLES = np.linspace(0, np.pi, 161)
"""A period of the heat."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """Two temperatures and a share of all the coherence there can be, with the numbers that are known."""

    title: str
    T_A: float
    T_B: float
    share: float
    angle: float
    printed: Mapping[str, str]
    """Row of the table -> its value at that angle; rows ending in "0" at angle 0."""


CASES = {
    "coherent": Case(
        title="T_A = 0.7, T_B = 1.4, all the coherence",
        T_A=0.7,
        T_B=1.4,
        share=1.0,
        angle=0.6,
        printed={
            "heat A": "-0.1297422",
            "mutual_information_change AB": "-0.1978382",
            "mutual_information AB at 0": "0.2500605",
            "clausius_sum AB": "-0.0926730",
            "divergence AB": "0.1051652",
            "conditional_entropy B|A at 0": "0.3831598",
            "conditional_entropy B|A": "0.6374590",
        },
    ),
    "uncorrelated": Case(
        title="T_A = 0.7, T_B = 1.4, no coherence",
        T_A=0.7,
        T_B=1.4,
        share=0.0,
        angle=0.6,
        printed={
            "heat A": "0.0431464",
            "mutual_information_change AB": "0.0208293",
            "clausius_sum AB": "0.0308189",
        },
    ),
    "colder": Case(
        title="T_A = 0.6, T_B = 1, all the coherence",
        T_A=0.6,
        T_B=1.0,
        share=1.0,
        angle=np.pi / 4,
        printed={"heat A": "-0.107054", "mutual_information_change AB": "-0.154098"},
    ),
    "colder-uncorrelated": Case(
        title="T_A = 0.6, T_B = 1, no coherence",
        T_A=0.6,
        T_B=1.0,
        share=0.0,
        angle=np.pi / 4,
        printed={"heat A": "0.055036", "mutual_information_change AB": "0.018177"},
    ),
}
DRAWN = ("coherent", "uncorrelated")
"""Cases that are drawn."""
MODEL = "Two qubits, temperatures, coherence and the partial swap were chosen here."


def most_coherence(T_A: float, T_B: float) -> float:
    """Largest |rho_01,10| of two thermal qubits, sqrt(p_A (1 - p_A) p_B (1 - p_B)).

    Examples:
        >>> round(most_coherence(0.6, 1.0), 6)
        0.16209
    """
    p, q = (float(excited_population(T)) for T in (T_A, T_B))
    return float(np.sqrt(p * (1 - p) * q * (1 - q)))


def pair(case: Case, angles: Array = ANGLES) -> HeatExchange:
    """The exchange of a case at some angles; rounding must not take its coherence beyond what positivity allows."""
    alpha = case.share * most_coherence(case.T_A, case.T_B) * (1 - 1e-12)
    coherent = {"correlation": "coherent", "alpha": alpha, "correlation_phase": -np.pi / 2}
    start: dict[str, Any] = coherent if case.share else {"correlation": "none"}
    return HeatExchange(T_A=case.T_A, T_B=case.T_B, coupling=COUPLING, time=angles / COUPLING, **start)


@cache
def rows(name: str) -> Mapping[str, Array]:
    """What `predict` gives along the angle, by "observable subject"."""
    return _rows(pair(CASES[name]))


def _rows(experiment: HeatExchange) -> dict[str, Array]:
    from analysis.prediction import predict

    table = predict(experiment, {})
    names = table["observable"] + " " + table["subject"]
    return {str(name): found.to_numpy() for name, found in table["ideal"].groupby(names, sort=False)}


def compared(wanted: tuple[str, ...]) -> list[Comparison]:
    """Numbers that are known, beside ours.

    Args:
        wanted: Rows, as `Case.printed` names them.
    """
    found = []
    for case in CASES.values():
        ours = _rows(pair(case, np.array([0.0, case.angle])))
        for row, printed in case.printed.items():
            if row in wanted:
                value = ours[row.removesuffix(" at 0")][0 if row.endswith(" at 0") else 1]
                where = "phi = 0" if row.endswith(" at 0") else f"phi = {case.angle:.4g}"
                quantity = f"{case.title}, {where}: {row.removesuffix(' at 0').replace('_', ' ')}"
                found.append(Comparison(quantity=quantity, ours=float(value), reference=printed, source=REFERENCE))
    return found
