"""The power of a verdict in words."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.planning.power.needed import Power


def percent(share: float) -> str:
    """A probability of simulated runs, which knows no more than two digits.

    Examples:
        >>> percent(0.0463), percent(0.9998), percent(0.5), percent(0.0)
        ('5 %', 'more than 99 %', '50 %', 'less than 1 %')
    """
    if share > 0.99:
        return "more than 99 %"
    return f"{100 * share:.0f} %" if share >= 0.01 else "less than 1 %"


def limit_in_words(condition: str, hot: str, cold: str) -> str:
    """A condition of the verdict.

    Args:
        condition: Its name.
        hot: The hot qubit.
        cold: The cold one.
    """
    return {
        "direction": f"{hot} hotter than {cold} at time 0",
        "heat": f"heat into {hot}",
        "cold side": f"heat out of {cold}",
        "balance": "energy and number of excitations kept",
        "control": "a control that gains less",
    }[condition]


def power_in_words(power: Power, sigma: float, hot: str, cold: str) -> str:
    """How often a run comes to its verdict, and what fails most often where it does not.

    Args:
        power: Of the run.
        sigma: Significance of the verdict.
        hot: The hot qubit.
        cold: The cold one.
    """
    share, limit = power.verdict[sigma], power.limited_by(sigma)
    text = f'with {power.shots} shots {percent(share)} of runs say "reversed" at {sigma:g} sigma'
    if limit is None or share > 0.99:
        return text
    met = percent(power.conditions[sigma][limit])
    return f"{text} (weakest condition: {limit_in_words(limit, hot, cold)}, met in {met})"


def needed_in_words(shots: Mapping[float, int | None]) -> str:
    """Shots by significance.

    Examples:
        >>> needed_in_words({3.0: 290, 5.0: None})
        '290 at 3 sigma, no number at 5 sigma'
    """
    return ", ".join(f"{'no number' if n is None else n} at {sigma:g} sigma" for sigma, n in shots.items())


def missing_in_words(condition: str, hot: str, cold: str) -> str:
    """Why no number of shots gives the verdict.

    Args:
        condition: That is not met.
        hot: The hot qubit.
        cold: The cold one.
    """
    return {
        "direction": f"what is not in the preparation hides that {hot} is the hotter one at time 0",
        "heat": f"too little heat is left that goes into {hot}",
        "cold side": f"too little heat is left that comes out of {cold}",
        "balance": "energy or the number of excitations changes by more than a third of what goes over",
        "control": f"a control gains as much heat in {hot}",
    }[condition]
