"""Chances and significances: when a check raises a concern, and what the best of several points is worth."""

from __future__ import annotations

import math

from analysis.statistics.student import student_sigma

ALARM = 1e-3
"""Chance that one check of a faultless run raises a concern; all of them together: 1 to 2 %."""
FEWEST_EVENTS = 10
"""Counts that a variance has to rest on, for a normal law to be near."""


def p_value(chi_square: float, dof: float) -> float:
    """Chance of at least this chi-square; 1 where there is nothing to test.

    Args:
        chi_square: Of the data.
        dof: Its degrees of freedom.

    Examples:
        >>> round(p_value(3.84, 1), 3)
        0.05
    """
    from scipy.special import chdtrc

    return float(chdtrc(dof, chi_square)) if dof else 1.0


def best_of(z: float, trials: int) -> float:
    """Chance that the largest of several normal numbers is at least this one: p = 1 - (1 - p_local)^trials.

    Args:
        z: The largest, in standard errors; one-sided.
        trials: How many there are. Where they are correlated, the chance is smaller.

    Examples:
        >>> round(best_of(3.0, 1), 5), round(best_of(3.0, 2), 5), best_of(-40.0, 2)
        (0.00135, 0.0027, 1.0)
    """
    from scipy.special import log_ndtr

    return -math.expm1(trials * float(log_ndtr(z)))


def global_sigma(z: float, trials: int) -> float:
    """One-sided significance of the best of several points: p = 1 - (1 - p_local)^trials.

    Args:
        z: Standard errors by which the best point is beyond, dimensionless.
        trials: How many points were looked at.

    Examples:
        >>> round(global_sigma(3.0, 1), 6), round(global_sigma(3.0, 33), 3)
        (3.0, 1.71)
    """
    from scipy.special import log_ndtr, ndtri_exp

    log_none = trials * float(log_ndtr(z))
    # so far out that 1 - (1 - p)^n rounds to 0: it is n p
    far = log_none > -1e-12
    log_any = float(log_ndtr(-z)) + math.log(trials) if far else math.log(-math.expm1(log_none))
    return -float(ndtri_exp(log_any))


def cone_sigma(distance: float, spread: float, degrees: float = math.inf) -> float:
    r"""One-sided significance of a point in the plane that lies outside a cone, at the least favourable point of it.

    With unit normal noise around the apex of a cone of the opening alpha, the squared distance from it follows a
    chi-bar-square law (Self and Liang, J. Am. Stat. Assoc. 82, 605 (1987)): the nearest point is inside with the
    probability alpha/2 pi, on an edge with 1/2, the apex with w = (pi - alpha)/2 pi, so that

        p = P(chi^2_1 > d^2)/2 + w P(chi^2_2 > d^2) = Phi(-d) + w e^{-d^2/2}.

    Args:
        distance: d, in standard errors, above 0.
        spread: pi - alpha, the angle between the outward normals of the two edges [rad], 0 to pi.
        degrees: Of freedom m of the covariance, where it is that of m + 1 copies: both laws are then those of Student's
            t and of Hotelling's T^2, whose tail is (1 + d^2/m)^(-(m - 1)/2) in the plane.

    Examples:
        >>> round(cone_sigma(3.0, 0.0), 6), round(cone_sigma(3.205, math.pi), 2)
        (3.0, 2.69)
        >>> round(cone_sigma(3.205, math.pi, 43), 2), round(cone_sigma(10.0, math.pi, 2), 2)
        (2.47, 1.44)
    """
    from scipy.special import log_ndtr, ndtri_exp

    weight = spread / (2 * math.pi)
    edge, apex = float(log_ndtr(-student_sigma(distance, degrees))), -(distance**2) / 2
    if not math.isinf(degrees):
        apex = -(degrees - 1) / 2 * math.log1p(distance**2 / degrees)
    apex += math.log(weight) if weight > 0 else -math.inf
    return -float(ndtri_exp(max(edge, apex) + math.log1p(math.exp(-abs(edge - apex)))))
