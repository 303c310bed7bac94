"""Before any shot: what a run will show, where it shows most, and how its shots are best divided."""

from analysis.planning.allocation import allocate as allocate
from analysis.planning.effect import Effect as Effect
from analysis.planning.effect import effects as effects
from analysis.planning.freedom import Freedom as Freedom
from analysis.planning.plan import Planned as Planned
from analysis.planning.plan import plan as plan
from analysis.planning.proposal import Proposal as Proposal
from analysis.planning.target import TARGETS as TARGETS
