"""How often a run comes to its verdict: many runs simulated before any shot, and judged by the rule of the verdict."""

from analysis.planning.power.needed import PLANNED as PLANNED
from analysis.planning.power.needed import Power as Power
from analysis.planning.power.needed import Rehearsal as Rehearsal
from analysis.planning.power.readings import place_of as place_of
