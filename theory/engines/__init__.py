"""Engines whose coherence does work: three levels driven in one piece or in strokes, and a qubit of collisions."""

from theory.engines.qubit import QubitEngine as QubitEngine
from theory.engines.strokes import Form as Form
from theory.engines.strokes import Output as Output
from theory.engines.strokes import continuous as continuous
from theory.engines.strokes import dephased_bound as dephased_bound
from theory.engines.strokes import stroked as stroked
from theory.engines.three_level import ThreeLevelEngine as ThreeLevelEngine
