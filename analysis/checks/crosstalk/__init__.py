"""What copies on one chip do to each other: every check, in a run of several copies."""

from analysis.checks.crosstalk.every import crosstalk as crosstalk
from analysis.checks.crosstalk.outlier import outlying_copy as outlying_copy
