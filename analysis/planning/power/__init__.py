"""How often a run comes to its verdict: many runs simulated before any shot, and judged by the rule of the verdict."""

from analysis.planning.power.copies import SideBySide as SideBySide
from analysis.planning.power.copies import duration_of as duration_of
from analysis.planning.power.copies import fewest_for as fewest_for
from analysis.planning.power.copies import side_by_side as side_by_side
from analysis.planning.power.copies import taken as taken
from analysis.planning.power.needed import PLANNED as PLANNED
from analysis.planning.power.needed import Power as Power
from analysis.planning.power.needed import Rehearsal as Rehearsal
from analysis.planning.power.needed import power_of as power_of
from analysis.planning.power.readings import place_of as place_of
from analysis.planning.power.runs import fewest_shots as fewest_shots
from analysis.planning.power.runs import whole_shots as whole_shots
from analysis.planning.power.sweep import asked_power as asked_power
from analysis.planning.power.sweep import power_by_time as power_by_time
from analysis.planning.power.wording import missing_in_words as missing_in_words
from analysis.planning.power.wording import needed_in_words as needed_in_words
from analysis.planning.power.wording import percent as percent
from analysis.planning.power.wording import power_in_words as power_in_words
