"""A particle between baths of different temperature: three levels, and a chain of sites."""

from theory.thermophoresis.chain import Chain as Chain
from theory.thermophoresis.chain import Rest as Rest
from theory.thermophoresis.particle import KINDS as KINDS
from theory.thermophoresis.particle import Particle as Particle
from theory.thermophoresis.relaxation import after_rounds as after_rounds
from theory.thermophoresis.relaxation import at_rest as at_rest
from theory.thermophoresis.relaxation import evolve as evolve
from theory.thermophoresis.relaxation import round_matrix as round_matrix
from theory.thermophoresis.relaxation import slowest as slowest
