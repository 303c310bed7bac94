"""What a circuit cannot give: two qubits in two baths, and the papers' figures redrawn with our numbers.

`hierarchy.evolve` is the reference (hierarchical equations of motion, generator by QuTiP), `weak_coupling.evolve` the
Lindblad model beside it; `pump` repeats strokes with fresh correlation; `converge` says whether numbers can be trusted.
"""

from theory._cache import Cache as Cache
from theory._convergence import Convergence as Convergence
from theory._convergence import converge as converge
from theory._model import Bath as Bath
from theory._model import Expansion as Expansion
from theory._model import OpenPair as OpenPair
from theory._trajectory import Trajectory as Trajectory

__all__ = ["Bath", "Cache", "Convergence", "Expansion", "OpenPair", "Trajectory", "converge"]
