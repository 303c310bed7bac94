"""Laws of statistics: tails, quadratic forms, trial factors, homogeneity. Nothing of the run is known here."""

from analysis.statistics.homogeneity import Shifts as Shifts
from analysis.statistics.homogeneity import Strata as Strata
from analysis.statistics.homogeneity import pooled as pooled
from analysis.statistics.homogeneity import shifts as shifts
from analysis.statistics.joint_covariance import JointCovariance as JointCovariance
from analysis.statistics.joint_covariance import Whitening as Whitening
from analysis.statistics.least_squares import least_squares as least_squares
from analysis.statistics.linear_fit import Residuals as Residuals
from analysis.statistics.linear_fit import residuals as residuals
from analysis.statistics.many import gamma_p as gamma_p
from analysis.statistics.many import holm as holm
from analysis.statistics.many import skew_tail as skew_tail
from analysis.statistics.quadratic import chi_square_and_rank as chi_square_and_rank
from analysis.statistics.random_effects import PooledMean as PooledMean
from analysis.statistics.random_effects import random_effects as random_effects
from analysis.statistics.significance import ALARM as ALARM
from analysis.statistics.significance import FEWEST_EVENTS as FEWEST_EVENTS
from analysis.statistics.significance import best_of as best_of
from analysis.statistics.significance import cone_sigma as cone_sigma
from analysis.statistics.significance import global_sigma as global_sigma
from analysis.statistics.significance import p_value as p_value
from analysis.statistics.student import student_quantile as student_quantile
from analysis.statistics.student import student_sigma as student_sigma
from analysis.statistics.student import student_threshold as student_threshold
from analysis.statistics.tail import Tail as Tail
from analysis.statistics.tail import gamma_tail as gamma_tail
