"""What is redrawn of T. Holdsworth and R. Kawai, Phys. Rev. A 106, 062604 (2022)."""

from __future__ import annotations

from reproduce.drawing import Paper
from reproduce.holdsworth_kawai import figure_1, figure_2, figure_4, figure_5, figure_6

PAPER = Paper(
    name="holdsworth-kawai",
    title="Heat pump driven entirely by quantum correlation",
    source="T. Holdsworth and R. Kawai, Phys. Rev. A 106, 062604 (2022), arXiv:2208.07440",
    offers={
        "1": figure_1.OFFER,
        "2": figure_2.OFFER,
        "4": figure_4.OFFER,
        "5": figure_5.OFFER,
        "6": figure_6.OFFER,
    },
    remarks=(
        "The reference computation: numbers, from two or more independent routes each, that this project was "
        "founded on. The paper's figures come without data; of its text the efficiency 0.186 is compared.",
        "All figures with baths (4, 5, 6) rest on an inferred cut-off, since the paper states none.",
    ),
)
