"""Settings that stand in a file twice with the same counts: a download joined twice, or an accident to be told."""

from __future__ import annotations

from collections.abc import Sequence

FEWEST_OUTCOMES = 2
"""Of different outcomes with shots: fewer agree too easily."""


def repeated(keys: Sequence[object], outcomes: Sequence[object], counts: Sequence[int], lines: Sequence[int]) -> str:
    """A note about settings of which every outcome is there several times with one count; empty where there are none.

    Args:
        keys: Setting of each row: its point, arm, member, copy, pass and basis.
        outcomes: Bits of each row.
        counts: How often.
        lines: Of each row in the file.

    Examples:
        >>> twice = repeated(["ZZ"] * 4, ["00", "11"] * 2, [503, 487] * 2, [2, 3, 4, 5])
        >>> twice.partition(":")[0]
        '1 of 1 settings and points have every count several times (row 4 repeats row 2)'
        >>> repeated(["ZZ"] * 4, ["00", "11"] * 2, [503, 487, 488, 502], [2, 3, 4, 5])
        ''
    """
    settings: dict[object, dict[object, list[tuple[int, int]]]] = {}
    for key, outcome, count, line in zip(keys, outcomes, counts, lines, strict=True):
        settings.setdefault(key, {}).setdefault(outcome, []).append((count, line))
    found: list[list[tuple[int, int]]] = []
    for tallies in settings.values():
        seen = [rows for rows in tallies.values() if any(count for count, _ in rows)]
        alike = all(len(rows) > 1 and len({count for count, _ in rows}) == 1 for rows in seen)
        if alike and len(seen) >= FEWEST_OUTCOMES:
            found.append(seen[0])
    if not found:
        return ""
    (_, first), (_, again) = found[0][:2]
    return (
        f"{len(found)} of {len(settings)} settings and points have every count several times (row {again} repeats row "
        f"{first}): added up as further shots; if they are one measurement that is in the file several times, errors "
        "are too small, and the file should have it once"
    )
