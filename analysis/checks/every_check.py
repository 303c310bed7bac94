"""What a referee asks of a run: is the model true, does what ought to vanish vanish, was it as prepared, did it drift.

A p-value is called calibrated only where the statistic is linear in the counts and its covariance is known: shot
noise of each point, the reference that points share, and the readout calibration that all share. Elsewhere, and
where hardly any counts make up the variance, it is called indicative.
"""

from __future__ import annotations

import typing

from analysis.checks.agreement import agreement, start_as_prepared, temperatures
from analysis.checks.crosstalk import crosstalk
from analysis.checks.drift import drift
from analysis.checks.exchange import (
    balances_of_goal,
    energy_balance,
    exchange_of_pair,
    first_law_of_machine,
    form_of_pair,
)
from analysis.checks.main_arm import moments_of_main_arm
from analysis.checks.model import model_checks
from analysis.checks.quadratic import kinds_of_states
from analysis.checks.readout import readout_checks
from analysis.checks.second_law import second_law
from analysis.checks.slopes import slopes
from analysis.verdict import Check

if typing.TYPE_CHECKING:
    from analysis.result import Analysis


def checks(analysis: Analysis) -> tuple[Check, ...]:
    """Every check that the run's protocol allows; those that the settings do not allow say so."""
    return (*checks_of_counts(analysis), *drift(analysis.record), *crosstalk(analysis))


def checks_of_counts(analysis: Analysis) -> tuple[Check, ...]:
    """Those that can be asked of one copy as of a whole run."""
    if analysis.record.start["protocol"] is None:  # what was done to the qubits is not known: nothing has to vanish
        return model_checks(analysis)
    found = moments_of_main_arm(analysis)
    if not analysis.closed:
        return (
            *model_checks(analysis),
            *energy_balance(found, analysis),
            *first_law_of_machine(found, analysis),
            *balances_of_goal(found, analysis),
            *form_of_pair(found, analysis),
            *slopes(found, analysis),
            *kinds_of_states(found, analysis),
            start_as_prepared(found, analysis),
            *agreement(found, analysis),
        )
    return (
        *model_checks(analysis),
        *readout_checks(analysis),
        *exchange_of_pair(found, analysis),
        temperatures(found, analysis),
        *agreement(found, analysis),
        second_law(analysis),
    )
