"""A classical Brownian particle where the temperature depends on the place: what no circuit carries.

`Particle` is the white-noise, overdamped limit of both generalised Caldeira-Leggett models. Its steady state stands in
closed form (`steady`), on a grid (`grid`) and in seeded paths (`paths`); three routes that share the model alone.
"""

from theory.brownian.grid import Relaxation as Relaxation
from theory.brownian.grid import relaxation as relaxation
from theory.brownian.model import Gradient as Gradient
from theory.brownian.model import Particle as Particle
from theory.brownian.model import Patches as Patches
from theory.brownian.paths import Paths as Paths
from theory.brownian.paths import ito as ito
from theory.brownian.paths import with_inertia as with_inertia
from theory.brownian.steady import SteadyState as SteadyState
from theory.brownian.steady import box_mean as box_mean
from theory.brownian.steady import steady_state as steady_state

__all__ = [
    "Gradient",
    "Particle",
    "Patches",
    "Paths",
    "Relaxation",
    "SteadyState",
    "box_mean",
    "ito",
    "relaxation",
    "steady_state",
    "with_inertia",
]
