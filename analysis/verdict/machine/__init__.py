"""What a machine between a hot and a cold bath is, by the signs of its heats and its work."""

from analysis.verdict.machine.judged import machine_verdict as machine_verdict
from analysis.verdict.machine.rule import REGIMES as REGIMES
from analysis.verdict.machine.rule import Control as Control
from analysis.verdict.machine.rule import Cycle as Cycle
from analysis.verdict.machine.rule import beyond_controls as beyond_controls
from analysis.verdict.machine.rule import conserving as conserving
from analysis.verdict.machine.rule import lawful as lawful
from analysis.verdict.machine.rule import named as named
from analysis.verdict.machine.rule import regime_sigma as regime_sigma
from analysis.verdict.machine.rule import signs_of as signs_of
