"""The pairs of qubits that the papers have: closed, and in baths."""

from reproduce.pairs.bath_sets import KAPPA as KAPPA
from reproduce.pairs.bath_sets import PERIOD as PERIOD
from reproduce.pairs.bath_sets import RATIO_OF_COUPLINGS as RATIO_OF_COUPLINGS
from reproduce.pairs.bath_sets import SETS as SETS
from reproduce.pairs.bath_sets import STROKE as STROKE
from reproduce.pairs.bath_sets import BathSet as BathSet
from reproduce.pairs.bath_sets import inferred as inferred
