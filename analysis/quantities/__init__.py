"""Functions of states, and the observables of a table made of them."""

from analysis.quantities.observables import catalogue as catalogue
from analysis.quantities.pair import pair_observables as pair_observables
