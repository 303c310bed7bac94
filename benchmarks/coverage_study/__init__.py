"""What `coverage.py` measures and `coverage_page.py` writes down: cases, simulated runs, judgement, reasons."""

from coverage_study.cases import CASES as CASES
from coverage_study.cases import COMPARED as COMPARED
from coverage_study.cases import FACTORS as FACTORS
from coverage_study.cases import MOMENTS as MOMENTS
from coverage_study.cases import READOUT as READOUT
from coverage_study.cases import STATES as STATES
from coverage_study.cases import UNEQUAL as UNEQUAL
from coverage_study.cases import Case as Case
from coverage_study.cases import uncovered as uncovered
from coverage_study.judgement import BAND as BAND
from coverage_study.judgement import Intervals as Intervals
from coverage_study.judgement import clopper_pearson as clopper_pearson
from coverage_study.judgement import judged as judged
from coverage_study.reasons import reason_of as reason_of
from coverage_study.simulation import METHODS as METHODS
from coverage_study.simulation import Simulation as Simulation
