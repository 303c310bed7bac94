"""What is redrawn of Klatzow et al. and of Uzdin, Levy and Kosloff, of whose figures none was seen."""

from __future__ import annotations

from collections.abc import Mapping

from reproduce.drawing import Offer, Paper
from reproduce.klatzow import cycles, strokes, work

OFFERS: Mapping[str, Offer] = {
    "work": Offer(make=work.work, measures=work.WORKS),
    "ratio": Offer(make=work.ratio, measures=work.RATIOS),
    "start-up": Offer(make=cycles.start_up, measures=cycles.CYCLES),
    "coherence": Offer(make=cycles.coherence, measures=()),
    "power": Offer(make=strokes.power, measures=()),
    "equivalence": Offer(make=strokes.equivalence, measures=()),
}

PAPER = Paper(
    name="klatzow",
    title="Quantum effects in the operation of microscopic heat engines",
    source="J. Klatzow et al., Phys. Rev. Lett. 122, 110601 (2019); R. Uzdin, A. Levy and R. Kosloff, Phys. Rev. X 5, "
    "031044 (2015)",
    offers=OFFERS,
    remarks=(
        "Of both papers the abstracts were read: for small strokes an engine that keeps coherence between cycles "
        "delivers more power than any dephased engine with the same resources; for small action two-stroke, "
        "four-stroke and continuous engines are equivalent; the efficiency is unchanged. An introduction in Physics "
        "12, 32 says that the work stroke was a microwave rotation of a nitrogen-vacancy centre and the baths a laser "
        "pulse; a third party's summary, that its fluid was an inverted two-level system.",
        "Level scheme, angles and the constant of the dephased bound were not available, nor any measured point: all "
        "models, parameters and numbers here are this project's own, each from two independent routes. The qubit "
        "engine has one bath and efficiency 1; the three levels have two baths and stand for the theory.",
    ),
)
