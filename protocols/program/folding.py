"""Names of the arms whose circuits are run three, five, ... times as long: a check of how errors of gates grow."""

from __future__ import annotations

from collections.abc import Iterable

from protocols.types import RequestError

FOLDED = "fold_"
MOST_FOLDED = 15
"""The longest: of a circuit whose errors would be as likely as not nothing can be extrapolated."""


def fold_arm(scale: int) -> str:
    """The arm of circuits that many times as long as the main one.

    Examples:
        >>> fold_arm(1), fold_arm(3)
        ('main', 'fold_3')
    """
    return "main" if scale == 1 else f"{FOLDED}{scale}"


def scale_of(arm: str) -> int:
    """How many times as long the circuits of an arm are.

    Examples:
        >>> scale_of("fold_5"), scale_of("dephased"), scale_of("fold_4")
        (5, 1, 1)
    """
    number = arm.removeprefix(FOLDED)
    odd = arm.startswith(FOLDED) and number.isascii() and number.isdigit() and int(number) % 2
    return int(number) if odd else 1


def folded_arms(arms: Iterable[str]) -> tuple[str, ...]:
    """Those of some arms that are folded, in their order."""
    return tuple(arm for arm in arms if scale_of(arm) > 1)


def fold_scales(text: str) -> tuple[int, ...]:
    """The scales that are asked for, 1 first.

    Args:
        text: Whole numbers with commas.

    Raises:
        RequestError: For anything but different odd numbers from 1 on, 1 among them.

    Examples:
        >>> fold_scales("1,3")
        (1, 3)
    """
    words = [word.strip() for word in text.split(",")]
    if not all(word.isascii() and word.isdigit() for word in words):
        raise RequestError(f"Argument `fold` must be odd whole numbers with commas, but is {text!r}. Try --fold 1,3.")
    scales = sorted({int(word) for word in words})
    wrong = [scale for scale in scales if scale % 2 == 0 or scale < 1]
    if wrong:
        raise RequestError(
            f"Argument `fold` must be odd numbers from 1 on, for a circuit C becomes C C^+ C, but has {wrong[0]}. Try "
            "--fold 1,3."
        )
    if len(scales) < 2 or scales[0] != 1 or scales[-1] > MOST_FOLDED:
        raise RequestError(
            f"Argument `fold` must have 1 and another odd number, up to {MOST_FOLDED}, to extrapolate from, but is "
            f"{text!r}. Try --fold 1,3."
        )
    return tuple(scales)
