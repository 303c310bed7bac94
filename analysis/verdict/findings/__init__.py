"""What a verdict rests on, as numbers: one small type for each thing that can be found, without any sentence.

A *finding* stands beside the verdict (the direction, the turn of the flow, a control, ...), a *claim* is the verdict
itself. `wording/verdict.py` makes a sentence of each. Heats and energies are in units of the gap (where gaps are
unequal, in that of `Verdict.unit`), places in units of the axis.
"""

from analysis.verdict.findings.bonds import BondAtGoal as BondAtGoal
from analysis.verdict.findings.bonds import Preference as Preference
from analysis.verdict.findings.claims import BothHeats as BothHeats
from analysis.verdict.findings.claims import Claim as Claim
from analysis.verdict.findings.claims import Finding as Finding
from analysis.verdict.findings.claims import GoalJudged as GoalJudged
from analysis.verdict.findings.claims import HeatBetweenGaps as HeatBetweenGaps
from analysis.verdict.findings.claims import HeatFlowed as HeatFlowed
from analysis.verdict.findings.claims import MeasuredOnly as MeasuredOnly
from analysis.verdict.findings.claims import NoDirection as NoDirection
from analysis.verdict.findings.claims import NoExchange as NoExchange
from analysis.verdict.findings.claims import NothingToCompare as NothingToCompare
from analysis.verdict.findings.copies import OverCopies as OverCopies
from analysis.verdict.findings.copies import SpreadOfCopies as SpreadOfCopies
from analysis.verdict.findings.crosstalk import CROSSTALK_ALARM as CROSSTALK_ALARM
from analysis.verdict.findings.crosstalk import AloneOrTogether as AloneOrTogether
from analysis.verdict.findings.crosstalk import CrosstalkFinding as CrosstalkFinding
from analysis.verdict.findings.crosstalk import Difference as Difference
from analysis.verdict.findings.crosstalk import Independence as Independence
from analysis.verdict.findings.crosstalk import OutlyingCopy as OutlyingCopy
from analysis.verdict.findings.crosstalk import Pairs as Pairs
from analysis.verdict.findings.crosstalk import ReadBesideOthers as ReadBesideOthers
from analysis.verdict.findings.crosstalk import Rotation as Rotation
from analysis.verdict.findings.crosstalk import WaitingCopies as WaitingCopies
from analysis.verdict.findings.fluctuations import Disturbance as Disturbance
from analysis.verdict.findings.fluctuations import FluctuationTheorem as FluctuationTheorem
from analysis.verdict.findings.fluctuations import Negativity as Negativity
from analysis.verdict.findings.fluctuations import Place as Place
from analysis.verdict.findings.fluctuations import Scheme as Scheme
from analysis.verdict.findings.fluctuations import Uncertainty as Uncertainty
from analysis.verdict.findings.found import Basis as Basis
from analysis.verdict.findings.found import CoherenceRatio as CoherenceRatio
from analysis.verdict.findings.found import Direction as Direction
from analysis.verdict.findings.found import DirectionByTemperature as DirectionByTemperature
from analysis.verdict.findings.found import EnergyBalance as EnergyBalance
from analysis.verdict.findings.found import Entanglement as Entanglement
from analysis.verdict.findings.found import ExcitationBalance as ExcitationBalance
from analysis.verdict.findings.found import FitQuality as FitQuality
from analysis.verdict.findings.found import GoalAtReference as GoalAtReference
from analysis.verdict.findings.found import GoalBalance as GoalBalance
from analysis.verdict.findings.found import GoalBeside as GoalBeside
from analysis.verdict.findings.found import GoalOfControl as GoalOfControl
from analysis.verdict.findings.found import HeatByCycle as HeatByCycle
from analysis.verdict.findings.found import HeatOfControl as HeatOfControl
from analysis.verdict.findings.found import Information as Information
from analysis.verdict.findings.found import InvertedLabels as InvertedLabels
from analysis.verdict.findings.found import Measured as Measured
from analysis.verdict.findings.found import NoControl as NoControl
from analysis.verdict.findings.found import Quantity as Quantity
from analysis.verdict.findings.found import RangeOfControl as RangeOfControl
from analysis.verdict.findings.found import Turning as Turning
from analysis.verdict.findings.found import ValueAt as ValueAt
from analysis.verdict.findings.machine import EntropyOfBaths as EntropyOfBaths
from analysis.verdict.findings.machine import FirstLaw as FirstLaw
from analysis.verdict.findings.machine import MachineJudged as MachineJudged
from analysis.verdict.findings.machine import NamesOfBaths as NamesOfBaths
from analysis.verdict.findings.machine import WorkOfControl as WorkOfControl
from analysis.verdict.rule import DIRECTION_SIGMA as DIRECTION_SIGMA
