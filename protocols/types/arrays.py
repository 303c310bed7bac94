"""The one array type of the suite."""

from __future__ import annotations

import typing

import numpy as np

Array: typing.TypeAlias = np.ndarray
