"""What a run on hardware costs, and whether to go on."""

from __future__ import annotations

import math
import sys
import typing
from collections.abc import Callable

from hotward.terminal import Report
from protocols import RequestError

if typing.TYPE_CHECKING:
    from devices import Cost


def approval(yes: bool, most: float | None, report: Report, *, unattended: bool) -> Callable[[Cost], None]:
    """Shows what a run costs and asks.

    Args:
        yes: Not to ask.
        most: QPU seconds beyond which it is refused.
        report: Gives way to the question.
        unattended: Whether a run goes on where nobody can be asked.

    Raises:
        RequestError: If `most` is no number of seconds.
    """
    if most is not None and not 0 < most < math.inf:
        raise RequestError(f"Argument `seconds-at-most` must be seconds above 0, but is {most:g}. Try 100.")

    def approve(cost: Cost) -> None:
        report.stop()
        print(f"estimate: {cost.text}", file=sys.stderr, flush=True)
        for remark in cost.remarks:
            print(f"warning: {remark}", file=sys.stderr, flush=True)
        if most is not None and cost.seconds > most:
            raise RequestError(
                f"Argument `seconds-at-most` is {most:g} s, but the run takes about {cost.seconds:.0f} s of QPU time. "
                "Nothing was submitted. Take fewer points, settings or shots."
            )
        nobody = sys.stdin is None or not sys.stdin.isatty()
        if yes or (unattended and nobody):
            return
        print("submit? [y/N] ", end="", file=sys.stderr, flush=True)
        answer = "" if sys.stdin is None else sys.stdin.readline()
        if answer.strip().lower() not in ("y", "yes"):
            raise RequestError("Argument `yes` must be given, or the question answered with y: nothing was submitted.")

    return approve
