"""What is drawn of many second laws, and where it comes from."""

from __future__ import annotations

from reproduce.brandao import energies, ladder, levels, reachable
from reproduce.drawing import Paper

PAPER = Paper(
    name="brandao",
    title="The second laws of quantum thermodynamics",
    source="F. Brandao et al., PNAS 112, 3275 (2015)",
    offers={
        "orders": levels.ORDERS_OF_LEVELS,
        "curves": levels.CURVES,
        "reachable": reachable.REACHABLE,
        "rungs": ladder.RUNGS_OF_LADDER,
        "free-energies": energies.FREE_ENERGIES,
    },
    remarks=(
        "Only the abstract was read: small systems obey a family of free-energy laws, one for each Renyi index. That "
        "these orders are all, and that a catalyst makes them sufficient, is from memory; thermo-majorisation is that "
        "of M. Horodecki and J. Oppenheim, Nat. Commun. 4, 2059 (2013).",
        "Levels, ladders and all numbers were chosen here; nothing is compared with a number of the paper. The "
        "protocol ladder-cooling carries out the ladder of four rungs as a circuit.",
        "The same free energies are rows of every run of ladder-cooling, coherence-reversal and algorithmic-cooling.",
    ),
)
