"""N spins with internal coherence and one bath: as matrices, and as ladders of total spin for any N."""

from theory.ensembles.collisions import Collision as Collision
from theory.ensembles.collisions import collide as collide
from theory.ensembles.collisions import repeated as repeated
from theory.ensembles.collisions import unitary as unitary
from theory.ensembles.ladders import Ladders as Ladders
from theory.ensembles.master import evolve as evolve
from theory.ensembles.master import heat_current as heat_current
from theory.ensembles.reversal import cascade_heat as cascade_heat
from theory.ensembles.reversal import largest_coherence as largest_coherence
from theory.ensembles.reversal import largest_temperature as largest_temperature
from theory.ensembles.reversal import star_heat as star_heat
from theory.ensembles.states import apparent_temperature as apparent_temperature
from theory.ensembles.states import coherence as coherence
from theory.ensembles.states import excitations as excitations
from theory.ensembles.states import jump as jump
from theory.ensembles.states import pair as pair
from theory.ensembles.states import spins as spins
