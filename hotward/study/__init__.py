"""Studies of one's own settings: the same experiment simulated many times, each time analysed as a run would be."""

from hotward.study.figures import draw as draw
from hotward.study.kept import Study as Study
from hotward.study.kept import carry_out_study as carry_out_study
from hotward.study.kept import opened_study as opened_study
from hotward.study.simulated import Simulated as Simulated
from hotward.study.simulated import simulated as simulated
from hotward.study.summaries import SUMMARIES as SUMMARIES
from hotward.study.summaries import Summary as Summary

__all__ = ["SUMMARIES", "Simulated", "Study", "Summary", "carry_out_study", "draw", "opened_study", "simulated"]
