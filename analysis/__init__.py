"""What was measured: counts -> states -> thermodynamics -> table, figures and report. No qiskit here."""

from analysis.asked import check_named as check_named
from analysis.asked import parsed_quantities as parsed_quantities
from analysis.estimate_arrays import gain_among as gain_among
from analysis.intervals.methods import Methods as Methods
from analysis.pipeline import analyse as analyse
from analysis.prediction import predict as predict
from analysis.prediction import predicted_parts as predicted_parts
from analysis.prediction import prediction_of as prediction_of
from analysis.quantities import catalogue as catalogue
from analysis.report.writing import write as write
from analysis.result import Analysis as Analysis
from analysis.verdict.verdict import Verdict as Verdict

__all__ = [
    "Analysis",
    "Methods",
    "Verdict",
    "analyse",
    "catalogue",
    "check_named",
    "gain_among",
    "parsed_quantities",
    "predict",
    "predicted_parts",
    "prediction_of",
    "write",
]

__part_of__ = "hotward"
"""By this `hotward.packages` tells it from a package of this name that another distribution brought."""
