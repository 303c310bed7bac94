"""Errors of gates removed from stored counts, by what every member of the ensemble knows of itself."""

from analysis.mitigation.fitted import fitted_gain as fitted_gain
from analysis.mitigation.folds import Folded as Folded
from analysis.mitigation.folds import folded_value as folded_value
from analysis.mitigation.folds import line_weights as line_weights
from analysis.mitigation.maps import both as both
from analysis.mitigation.maps import sector as sector
from analysis.mitigation.maps import survival as survival
from analysis.mitigation.maps import symmetry as symmetry
from analysis.mitigation.members import WAYS as WAYS
from analysis.mitigation.members import Members as Members
from analysis.mitigation.members import Mitigation as Mitigation
from analysis.mitigation.members import check_request as check_request
from analysis.mitigation.members import chosen_way as chosen_way
from analysis.mitigation.members import members_of_run as members_of_run
from analysis.mitigation.mitigate import mitigated as mitigated
from analysis.mitigation.mitigate import removed as removed
from analysis.mitigation.moments import mitigated_moments as mitigated_moments
from analysis.mitigation.rows import Mitigated as Mitigated
from analysis.mitigation.rows import MitigatedRow as MitigatedRow
from analysis.mitigation.rows import Unmapped as Unmapped
from analysis.mitigation.survive import SYSTEMATIC as SYSTEMATIC
from analysis.mitigation.survive import Survival as Survival
from analysis.mitigation.survive import check_survival as check_survival
from analysis.mitigation.survive import measured_survival as measured_survival
from analysis.mitigation.totals import totals_of as totals_of
