"""The advantage against the number of cells, and what it depends on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from reproduce.drawing import ANOMALOUS, COLD, SECOND, THIRD, UNCORRELATED, Context, Curve, Figure, Offer, Panel
from reproduce.ferraro.system import ADVANTAGE, OWN
from theory.batteries import SINGLE, Battery, ChargerQubits, Dicke, TavisCummings

SIZES = np.arange(1, 31)
STRONG, FEW = 0.5, np.arange(1, 8)
"""Coupling of the Dicke batteries, and their sizes."""


def advantage(context: Context) -> Figure:
    """P_max/(N P_1) of cavity, strong coupling and qubits beside sqrt N; the cavity against another reference."""
    root = np.sqrt(SIZES)
    together = np.array([TavisCummings(cells=int(N)).advantage() for N in SIZES])
    dicke = [Dicke(cells=int(N), coupling=STRONG, cutoff=20 + 12 * int(N)) for N in FEW]
    strong = np.array([one.advantage() for one in dicke])
    curves = (
        Curve(name="root", label="sqrt N", x=SIZES, y=root, pen=UNCORRELATED, faint=True),
        _dots("cavity", "shared cavity, N photons", SIZES, together, ANOMALOUS),
        _dots("dicke", f"the same, Dicke at {STRONG:g}", FEW, strong / strong[0], COLD),
        _dots("qubits", "N charger qubits, all coupled", SIZES, _of(ChargerQubits), SECOND),
        _dots("shared", "one excitation shared", SIZES, _alone(), THIRD),
    )
    other = (
        Curve(name="one", label="", x=SIZES[[0, -1]], y=np.ones(2), pen=UNCORRELATED, faint=True),
        _dots("few", "against one photon a cell", SIZES, together, ANOMALOUS),
        # a cell with N photons of its own has sin^2(sqrt N g t), and sqrt N times the power
        _dots("many", "against N photons a cell", SIZES, together / root, SECOND),
    )
    panels = (
        Panel(
            name="advantage", title="advantage", label="P_max/(N P_1)", column="advantage", curves=curves,
            logarithmic=True,
        ),
        Panel(
            name="reference", title="shared cavity, two references", label="P_max/P of cells apart", column="ratio",
            curves=other, zero=False,
        ),
    )  # fmt: skip
    caption = (
        "Left, how much more power N cells have together than apart, on logarithmic axes with sqrt N (dotted). A "
        "shared cavity goes like 0.804 sqrt N, and so, with another factor, it does with counter-rotating terms "
        "(Dicke, in units of its own single cell). Qubits that are all coupled to each other gain more, since every "
        "cell then has N couplings; one excitation for N cells has sqrt N exactly, at 1/N of the energy. Right, the "
        "same cavity against cells that have N photons each: below one, for then it is photons, not sharing, that "
        "make charging fast."
    )
    leaked = max(one.leaked(np.linspace(0, 3 / STRONG, 40)) for one in dicke)
    return Figure(
        name="advantage",
        title="Advantage against the number of cells",
        caption=caption,
        abscissa="number of cells N",
        column="cells",
        logarithmic=True,
        panels=(panels,),
        notes=(ADVANTAGE, f"Dicke: at most {leaked:.1e} of the weight reaches the cut-off.", OWN),
    )


def _of(kind: type[Battery]) -> np.ndarray:
    return np.array([kind(cells=int(N)).advantage() for N in SIZES])


def _alone() -> np.ndarray:
    """One charger with N cells over one charger with one cell."""
    return np.array([ChargerQubits(cells=int(N), chargers=1).most_power().value for N in SIZES]) / SINGLE


def _dots(name: str, label: str, x: np.ndarray, y: np.ndarray, pen) -> Curve:
    return Curve(name=name, label=label, x=x, y=y, pen=pen, dots=True)


OFFERS: Mapping[str, Offer] = {"advantage": Offer(make=advantage, measures=())}
