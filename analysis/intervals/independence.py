r"""Is a state of two qubits a product? A test of all its correlations at once.

C_ij = <sigma_i sigma_j> - <sigma_i><sigma_j> is zero for a product state. With S its covariance to first order, from
the noise of every stratum and of the calibration, C^T S^-1 C follows chi-square with as many degrees of freedom as
correlations are measured (9 in full tomography). A mutual information of zero fixes all of them, which a profile of
one number does not know: its interval then excludes zero in every run.
"""

from __future__ import annotations

import numpy as np

from analysis.data import PSEUDO_COUNTS, Data
from protocols import Array


def product_p_value(data: Data) -> Array:
    """Probability that a product state shows such correlations, (cells,); NaN in cells that lack a setting."""
    from scipy.special import chdtrc

    words = [word for word in data.family[1] if word in data.known]
    joint = [word for word in words if "I" not in word]
    measured, errors = data.moments, data.linear_errors(words)
    cells = len(errors.shot)
    correlation, response = np.zeros((cells, len(joint))), np.zeros((cells, len(joint), len(words)))
    for row, word in enumerate(joint):
        left, right = word[0] + "I", "I" + word[1]
        # an X state has no moments but those of Z
        here = {one: measured[one] if one in words else np.zeros(cells) for one in (left, right)}
        correlation[:, row] = measured[word] - here[left] * here[right]
        response[:, row, words.index(word)] = 1.0
        for one, other in ((left, right), (right, left)):
            if one in words:
                response[:, row, words.index(one)] -= here[other]
    covariance = response @ errors.shot @ np.swapaxes(response, 1, 2)
    shared = response @ errors.shared
    covariance += shared @ np.swapaxes(shared, 1, 2)
    # what no count has shown yet, as for every linear quantity
    step = np.ptp(np.einsum("cjw,cwso->cjso", response, errors.gain), axis=-1) * errors.per_count[:, None]
    covariance += PSEUDO_COUNTS * (step.max(axis=-1) ** 2)[..., None] * np.eye(len(joint))
    known = np.isfinite(covariance).all(axis=(1, 2)) & np.isfinite(correlation).all(axis=1)
    chi_square = np.full(cells, np.nan)
    solved = np.linalg.solve(covariance[known], correlation[known][..., None])[..., 0]
    chi_square[known] = (correlation[known] * solved).sum(axis=1)
    return chdtrc(len(joint), chi_square)
