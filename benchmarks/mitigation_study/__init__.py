"""Noise of a stored calibration with errors of its own, and simulated runs under it."""

from mitigation_study.noise import COHERENT as COHERENT
from mitigation_study.noise import Outcomes as Outcomes
from mitigation_study.noise import calibrated as calibrated
from mitigation_study.noise import couplers_of_all_qualities as couplers_of_all_qualities
from mitigation_study.noise import every_placement as every_placement
from mitigation_study.noise import outcomes as outcomes
from mitigation_study.runs import Judged as Judged
from mitigation_study.runs import Question as Question
