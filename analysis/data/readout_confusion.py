"""The readout confusion P(read | true): made of calibration counts, inverted where it can be, and its own noise."""

from __future__ import annotations

import numpy as np

from devices import RunError
from devices.record import WORST_CONDITION
from protocols import Array


def confusion_of(calibration: Array) -> Array:
    """P(read | true) from calibration counts (..., prepared, read), with the true outcome as the last axis.

    Examples:
        >>> confusion_of(np.array([[90, 10], [20, 80]])).tolist()
        [[0.9, 0.2], [0.1, 0.8]]
    """
    rates = calibration / calibration.sum(axis=-1, keepdims=True)
    return np.swapaxes(rates, -1, -2)


def whole_shots(calibration: Array) -> Array:
    """Shots of every pattern, (..., patterns) int; of patterns that others stand for the counts are expected ones.

    Args:
        calibration: Counts, or expected ones, (..., prepared, read).
    """
    return np.rint(calibration.sum(axis=-1)).astype(np.int64)


def inverted(confusion: Array) -> Array:
    """The inverse, (..., true, read); of perfect readout itself, whose singular values of 2^N outcomes take minutes.

    Args:
        confusion: P(read | true), shape (..., read, true).
    """
    # a drawn confusion may be singular where the measured one is not; pinv equals inv elsewhere
    perfect = np.broadcast_to(np.eye(confusion.shape[-1]), confusion.shape)
    return confusion if np.array_equal(confusion, perfect) else np.linalg.pinv(confusion)


def invertible_confusion(calibration: Array) -> Array:
    """P(read | true), (read, true).

    Args:
        calibration: Counts (prepared, read).

    Raises:
        RunError: If it cannot be inverted.
    """
    confusion = confusion_of(calibration)
    if np.max(np.linalg.cond(confusion)) > WORST_CONDITION:
        raise RunError(
            "The readout calibration cannot be inverted: read outcomes hardly depend on the prepared ones. Calibrate "
            "with more shots or other qubits; hotward analyse RUN --uncorrected ignores it."
        )
    return confusion


def calibration_root(calibration: Array) -> Array:
    """Roots L of the covariance (diag m - m m^T)/N of each column m of the confusion, (..., true, read, sources).

    Args:
        calibration: Counts, or expected ones, (..., prepared, read).
    """
    shots = calibration.sum(axis=-1)
    root = np.sqrt(calibration / shots[..., None])
    projector = np.eye(root.shape[-1]) - root[..., :, None] * root[..., None, :]
    return root[..., :, None] * projector / np.sqrt(shots)[..., None, None]
