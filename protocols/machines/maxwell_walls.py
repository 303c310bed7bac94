r"""A classical particle between two walls that thermalise it: its current falls again where one wall is very cold.

A wall of temperature T sends the particle off with the speed of a gas that effuses, density
$(v/T)\,e^{-v^2/2T}$ (mass 1), whose mean energy is T and mean slowness $\langle 1/v\rangle = \sqrt{\pi/2T}$. A flight
there and back over the distance L carries $T_h - T_c$ in the time $L\sqrt{\pi/2}\,(T_h^{-1/2} + T_c^{-1/2})$, hence

$$ J = \sqrt{2/\pi}\,\frac{\alpha}{2 - \alpha}\,\frac{\sqrt{T_h T_c}\,(\sqrt{T_h} - \sqrt{T_c})}{L}. $$

alpha is the share of the arrivals at which a wall thermalises (Maxwell's accommodation); the others are reflected with
their speed, and an odd number of flights, which is what carries heat, has the share $1/(2 - \alpha)$.
"""

from __future__ import annotations

import numpy as np

from protocols.types import Array


def maxwell_wall_share(T_h: Array | float, T_c: Array | float) -> Array:
    r"""The current in units of the largest one at this $T_h$, $4r(1 - r)$ with $r = \sqrt{T_c/T_h}$.

    Args:
        T_h: Temperature of the hot wall, any shape.
        T_c: Temperature of the cold wall, same unit and shape; negative values of the share where it is the hotter one.

    Returns:
        Dimensionless, same shape: 1 at $T_c = T_h/4$, 0 at $T_c = 0$ and $T_c = T_h$.

    Examples:
        >>> maxwell_wall_share(1.0, np.array([0.0, 0.04, 0.25, 0.64, 1.0])).round(6).tolist()
        [0.0, 0.64, 1.0, 0.64, 0.0]
    """
    return 4 * np.sqrt(T_c / T_h) * (1 - np.sqrt(T_c / T_h))


def maxwell_wall_current(
    T_h: Array | float, T_c: Array | float, *, length: float = 1.0, accommodation: float = 1.0
) -> Array:
    r"""Heat from the hot to the cold wall per unit of time, $J$ of this file.

    Args:
        T_h: Temperature of the hot wall, any shape, in the unit of mass times squared speed over $k_B$.
        T_c: Temperature of the cold wall, same unit and shape.
        length: Distance L of the walls.
        accommodation: $\alpha$ within (0, 1], the share of arrivals at which a wall thermalises.

    Returns:
        In units of temperature times speed over length, same shape.

    Examples:
        >>> maxwell_wall_current(1.0, np.array([0.64, 0.25, 0.04, 1e-4])).round(6).tolist()
        [0.127662, 0.199471, 0.127662, 0.007899]
        >>> float(maxwell_wall_current(1.6, 0.4).round(7))
        0.4037012
    """
    most = np.sqrt(2 / np.pi) / length * np.asarray(T_h, dtype=float) ** 1.5 / 4
    return most * maxwell_wall_share(T_h, T_c) * accommodation / (2 - accommodation)
