"""What stands beside the verdict of a flow: fit, law of motion, balance, cycles, correlations."""

from analysis.verdict.beside.correlations import correlated as correlated
from analysis.verdict.beside.cycles import heat_by_cycle as heat_by_cycle
from analysis.verdict.beside.fluctuations import fluctuations as fluctuations
from analysis.verdict.beside.quality import quality_findings as quality_findings
from analysis.verdict.beside.quality import quality_of as quality_of
