"""What a circuit cannot give: two qubits in two baths, and the papers' figures redrawn with our numbers.

`hierarchy.evolve` is the reference (hierarchical equations of motion, generator by QuTiP), `weak_coupling.evolve` the
Lindblad model beside it; `pump` repeats strokes with fresh correlation; `converge` says whether numbers can be trusted;
`compute_ahead` fills a cache with many of them, over processes.
Beside them every folder here is one model of one paper with a face of its own, such as `theory.brownian`.
"""

from theory.cache import Cache as Cache
from theory.computations import Computation as Computation
from theory.computations import compute_ahead as compute_ahead
from theory.convergence import Convergence as Convergence
from theory.convergence import converge as converge
from theory.model import Bath as Bath
from theory.model import Expansion as Expansion
from theory.model import OpenPair as OpenPair
from theory.trajectory import Trajectory as Trajectory

__all__ = [
    "Bath",
    "Cache",
    "Computation",
    "Convergence",
    "Expansion",
    "OpenPair",
    "Trajectory",
    "compute_ahead",
    "converge",
]

__part_of__ = "hotward"
"""By this `hotward.packages` tells it from a package of this name that another distribution brought."""
