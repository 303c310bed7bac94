"""Before any shot: what a run will show, where it shows most, and how its shots are best divided."""

from analysis.planning._allocation import allocate as allocate
from analysis.planning._effect import Effect as Effect
from analysis.planning._effect import effects as effects
from analysis.planning._freedom import Freedom as Freedom
from analysis.planning._plan import Planned as Planned
from analysis.planning._plan import plan as plan
from analysis.planning._proposal import Proposal as Proposal
from analysis.planning._target import TARGETS as TARGETS
