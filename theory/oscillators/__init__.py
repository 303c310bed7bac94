"""An oscillator that a driven coupling cools, and the floor that the coupling's own pairs put under it.

`CooledOscillator` is the model, `steady_occupation` and `occupations` its Gaussian solution by Lyapunov's equation,
`fock_occupation` the same master equation on truncated number states by QuTiP.
"""

from theory.oscillators.fock import fock_occupation as fock_occupation
from theory.oscillators.gaussian import covariance as covariance
from theory.oscillators.gaussian import occupations as occupations
from theory.oscillators.gaussian import steady_occupation as steady_occupation
from theory.oscillators.model import CooledOscillator as CooledOscillator

__all__ = ["CooledOscillator", "covariance", "fock_occupation", "occupations", "steady_occupation"]
