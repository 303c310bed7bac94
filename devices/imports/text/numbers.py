"""Numbers as people write them in tables."""

from __future__ import annotations

import math
import re

THOUSANDS = re.compile(r"[1-9]\d{0,2}([.,'’]\d{3})+")
"""1.024 and 1,024: a thousand or one, depending on the country."""
REAL = re.compile(r"[+-]?(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+)?")
MOST_COUNTS = 2**63 - 1
"""What a 64-bit integer holds."""
_WHOLE = re.compile(r"[+-]?\d+")


def whole_number(text: str) -> int | None:
    """The whole number that a text is; None for any other text, and where it may be thousands.

    >>> whole_number("12"), whole_number("12.0"), whole_number("1.024"), whole_number("few")
    (12, 12, None, None)
    """
    if THOUSANDS.fullmatch(text):
        return None
    if _WHOLE.fullmatch(text) and len(text) < 400:  # Python refuses to read thousands of digits
        return int(text)
    value = float(text) if REAL.fullmatch(text) else math.nan
    return int(value) if math.isfinite(value) and value.is_integer() else None
