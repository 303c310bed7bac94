"""K. Huang et al., arXiv:2601.00198 (2026): what could be read of it, and what is drawn."""

from __future__ import annotations

from reproduce.drawing import Paper
from reproduce.huang.figures import OFFERS

PAPER = Paper(
    name="huang",
    title="Reversing heat flow by coherence in a multipartite quantum system",
    source="K. Huang, Q. Zhang, X. Liu, R. Li, X. Long, H. Liu, X. Wang, Y. Fan, Y. Zheng, Y. Feng, Y. Zhou, J. Ng, "
    "X. Nie, Z.-X. Man and D. Lu, arXiv:2601.00198v1 (2026)",
    offers=OFFERS,
    remarks=(
        "Could be read: title, authors and abstract. It reports an experiment on a multipartite spin system in which "
        "internal coherence reverses the heat, without initial correlations with the environment, in a collision model "
        "with cascade interaction; strength and phase of the coherence determine direction and size.",
        "Could not be read: the platform (nuclear magnetic resonance is from memory; the abstract names none), the "
        "number of spins, their temperatures and that of the ancilla, the angle of a collision, how many there are, "
        "and every measured number. Nothing here is compared with a number of the paper.",
        "Chosen here: two and three spins at T_S = 1, an ancilla at T_B = 1.25, one cascade; for two at the angle that "
        "makes the most of the coherence, 0.9553, for three at the one at which they heat the bath most, 0.924. The "
        "preset huang of coherence-reversal has the pair.",
    ),
)
