"""What a verdict has to be read with: checks that failed, how strongly, and what that means for the error bars."""

from __future__ import annotations

import typing
from collections.abc import Sequence

from analysis.consistency.check import Check
from analysis.data.expectations import Expectations

if typing.TYPE_CHECKING:
    from analysis.result import Analysis


def warnings(analysis: Analysis) -> tuple[str, ...]:
    """One sentence about the error bars, one about the exchange, each only where a check of it failed."""
    failed = [check for check in analysis.checks if check.passed is False]
    bars, exchange = ([check for check in failed if check.about == one] for one in ("bars", "exchange"))
    scaled = [] if analysis.scale is None or analysis.scale.factor == 1.0 else [analysis.scale.text]
    return (*scaled, *_of_bars(bars, analysis), *_of_exchange(exchange, analysis))


def _of_bars(failed: Sequence[Check], analysis: Analysis) -> list[str]:
    if not failed:
        return []
    given = isinstance(analysis.data, Expectations)
    known = "shot noise and readout calibration" if analysis.readout_corrected else "shot noise"
    hold = "the errors that were given" if given else known
    text = f"error bars hold {hold} only, and the data reject the model behind them: {_listed(failed)}. "
    if analysis.scale is None:
        return [text + "Take them as lower limits; hotward analyse RUN --scale-errors widens them."]
    return [text + "They are scaled, which is no model of what is wrong."]


def _of_exchange(failed: Sequence[Check], analysis: Analysis) -> list[str]:
    if not failed:
        return []
    between = f"between {' and '.join(analysis.sides)} alone" if analysis.sides else "that the protocol assumes"
    text = f"the data reject an exchange {between}: {_listed(failed)}. "
    return [text + "Values are those of the device; no error bar covers the difference, the control shows its size."]


def _listed(failed: Sequence[Check]) -> str:
    return "; ".join(f"{check.name} ({check.strength})" if check.strength else check.name for check in failed)
