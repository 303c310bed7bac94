"""A. V. Mallik et al., arXiv:2410.22900 (2024): what could be read of it, and what is drawn."""

from __future__ import annotations

from reproduce.drawing import Paper
from reproduce.mallik.figures import OFFERS

PAPER = Paper(
    name="mallik",
    title="Probing quantum anomalous heat flow using mid-circuit measurements",
    source="A. V. Mallik, L. M. Cangemi, A. Levy and E. G. Dalla Torre, arXiv:2410.22900v1 (2024); the bound: A. Levy "
    "and M. Lostaglio, arXiv:1909.11116",
    offers=OFFERS,
    remarks=(
        "Could be read: title, authors, abstract and the first paragraphs. It reports anomalous heat between two "
        "qubits of a gate-based quantum computer beyond the semi-classical bound, which witnesses negative values of "
        "the Kirkwood-Dirac quasiprobability, and that measurements in the middle of a circuit disturb it, by leakage "
        "of energy among other things, which it models.",
        "Could not be read: the state, the temperatures, the interaction and its angles, the circuits, the device, "
        "every number, and the exact form of the bound. Nothing here is compared with a number of the paper.",
        "Chosen here: the pair of heat-exchange with T_A = 2, T_B = 1, all of its correlation, at the phase that "
        "drives most heat and at 0.7, where the quasiprobability is complex, as the presets have it. "
        "The bound was derived here from non-negative values, and whether it is the published one is not known.",
    ),
)
