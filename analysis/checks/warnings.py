"""What a verdict has to be read with: checks that failed, how strongly, and what that means for the error bars."""

from __future__ import annotations

import typing

from analysis.data import Expectations
from analysis.verdict import Vanishing, rejected_bars, rejected_declaration, rejected_exchange, scale_in_words

if typing.TYPE_CHECKING:
    from analysis.result import Analysis


def warnings(analysis: Analysis) -> tuple[str, ...]:
    """One sentence each about the error bars, the exchange and what was declared, where a check of it failed."""
    failed = [check for check in analysis.checks if check.passed is False]
    bars, exchange, declared = (
        [check for check in failed if check.about == what] for what in ("bars", "exchange", "declared")
    )
    scale, found = analysis.scale, []
    if scale is not None and scale.factor != 1.0:
        found.append(scale_in_words(scale.factor, scale.ratios))
    if bars:
        whole = analysis.copies is None  # errors of a mean are not scaled
        found.append(rejected_bars(bars, _what_bars_hold(analysis), scaled=scale is not None, scalable=whole))
    if exchange:
        found.append(rejected_exchange(exchange, analysis.sides, controlled=len(analysis.record.start["arms"]) > 1))
    if declared:
        far = any(isinstance(check.finding, Vanishing) and check.finding.far for check in declared)
        own = not analysis.record.start.get("imported")
        found.append(rejected_declaration(declared, far=far, own=own))
    return tuple(found)


def _what_bars_hold(analysis: Analysis) -> str:
    if isinstance(analysis.data, Expectations):
        return "the errors that were given"
    if analysis.copies is not None:
        own = "shot noise, readout calibration" if analysis.readout_corrected else "shot noise"
        return f"{own} and what copies differ by"
    return "shot noise and readout calibration" if analysis.readout_corrected else "shot noise"
