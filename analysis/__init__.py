"""What was measured: counts -> states -> thermodynamics -> table, figures and report. No qiskit here."""

from analysis._analyse import Analysis as Analysis
from analysis._analyse import analyse as analyse
from analysis._analyse import predict as predict
from analysis._estimates import Methods as Methods
from analysis._report import write as write
from analysis._verdict import Verdict as Verdict

__all__ = ["Analysis", "Methods", "Verdict", "analyse", "predict", "write"]
