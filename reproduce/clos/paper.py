"""What the page says of the paper, and which figures there are."""

from __future__ import annotations

from reproduce.clos.chains import REVIVALS, STEPS, revival, steps
from reproduce.clos.heights import THERMAL, heights, thermal
from reproduce.clos.spin import fluctuations, relaxation
from reproduce.drawing import Offer, Paper

PAPER = Paper(
    name="clos",
    title="Time-resolved observation of thermalization in an isolated quantum system",
    source="G. Clos, D. Porras, U. Warring and T. Schaetz, PRL 117, 170401 (2016), arXiv:1509.07712 (its abstract "
    "alone was read)",
    offers={
        "relaxation": Offer(make=relaxation, measures=()),
        "fluctuations": Offer(make=fluctuations, measures=()),
        "revival": Offer(make=revival, measures=REVIVALS),
        "steps": Offer(make=steps, measures=STEPS),
        "heights": Offer(make=heights, measures=()),
        "thermal": Offer(make=thermal, measures=THERMAL),
    },
    remarks=(
        "Of the paper is known that it couples one spin to the vibrations of a few trapped ions and that, as ions are "
        "added, time averages of the spin approach microcanonical averages and fluctuations about them decay. That "
        "such a spin revives is said in the abstract of Porras et al., arXiv:0710.5145. Numbers of ions, couplings, "
        "frequencies and curves were not available: every parameter here is chosen here, no number is the paper's, "
        "and the form of the Hamiltonian is from memory.",
        "What disagrees: with one to three modes and the couplings chosen here the averages are not yet those of "
        "statistical mechanics (figure relaxation). Fluctuations do decay.",
        "The reference gives averages of a spin with one, two and three modes, and says that they belong to cut-offs "
        "it does not print. Frequencies 1, 1.73, 2.40, Lamb-Dicke parameters 0.8, 0.57, 0.46, n-bar 0.5, "
        "w_z = Omega = 1 and cut-offs 12; 10, 8; 7, 6, 5 were found here by a search: with them all nine agree.",
        "The circuit of it is a chain of qubits instead of phonons, this project's own: runs of chain-revival can be "
        "laid over the figures revival and steps, runs of chain-exchange with correlation none, its default coupling "
        "and temperatures 2, 1, 0.7, 0.5 over the figure thermal.",
    ),
)
