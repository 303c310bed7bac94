"""The sentences that a verdict has to be read with: error bars that hold too little, or were widened."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence


class FailedCheck(typing.Protocol):
    """A check as a sentence names it."""

    @property
    def name(self) -> str:
        """What was checked."""
        ...

    @property
    def strength(self) -> str:
        """How strongly it failed, in a few words."""
        ...


def rejected_bars(failed: Sequence[FailedCheck], hold: str, *, scaled: bool, scalable: bool = True) -> str:
    """The data reject the model behind the error bars.

    Args:
        failed: The checks that say so.
        hold: What the error bars hold.
        scaled: Whether they were widened.
        scalable: Whether they can be.
    """
    text = f"error bars hold {hold} only, and the data reject the model behind them: {_listed(failed)}. "
    if scaled:
        return text + "They are scaled, which is no model of what is wrong."
    if not scalable:
        return text + "Take them as lower limits."
    return text + "Take them as lower limits; hotward analyse RUN --scale-errors widens them."


def rejected_exchange(failed: Sequence[FailedCheck], sides: Sequence[str] | None, *, controlled: bool) -> str:
    """The data reject an exchange of heat between the sides alone.

    Args:
        failed: The checks that say so.
        sides: Between which heat flows, if there are any.
        controlled: Whether a control was run.
    """
    between = f"between {' and '.join(sides)} alone" if sides else "that the protocol assumes"
    text = f"the data reject an exchange {between}: {_listed(failed)}. "
    text += "Values are those that were measured; no error bar covers the difference"
    return text + (", the control shows its size." if controlled else ", and no control was run to show its size.")


def rejected_declaration(failed: Sequence[FailedCheck], *, far: bool, own: bool = False) -> str:
    """The data are not those of the parameters that the run was declared to have, or of no ideal device.

    Args:
        failed: The checks that say so.
        far: Whether by more than the noise of a device does.
        own: Whether the circuits were this run's own: then parameters and labels are those declared.
    """
    if own:
        text = f"the data are not those of an ideal device: {_listed(failed)}. "
        return (
            text + "The circuits are those of the protocol: noise of the device does that, in gates, resets or readout."
        )
    text = f"the data are not those of the protocol as declared: {_listed(failed)}. "
    if far:
        return text + "Other parameters, another unit of time, labels or the order of bits do that."
    return text + "Noise of the device does that, or other parameters or labels than those declared."


def scale_in_words(factor: float, ratios: Mapping[str, tuple[float, float]]) -> str:
    """The label wherever numbers are shown whose errors were, or might have been, widened.

    Args:
        factor: By which they were, at least 1.
        ratios: What was tested -> chi-square or deviance, and what it should be.

    Examples:
        >>> scale_in_words(1.0, {})
        'error bars are unscaled: --scale-errors found nothing to widen (no test)'
    """
    tests = "; ".join(f"{name} {found:.1f} for {due:.1f} expected" for name, (found, due) in ratios.items())
    if factor == 1.0:
        return f"error bars are unscaled: --scale-errors found nothing to widen ({tests or 'no test'})"
    widened = f"all error bars and intervals are scaled by {factor:.3g} = sqrt(chi-square/dof)"
    return f"{widened} (--scale-errors, Birge ratio: {tests}); significance follows"


def _listed(failed: Sequence[FailedCheck]) -> str:
    return "; ".join(f"{check.name} ({check.strength})" if check.strength else check.name for check in failed)
