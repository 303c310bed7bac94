"""Two qubits, thermal one by one and correlated: preparation, exchange, exact values."""

from protocols.pair.clausius import at_a_pole as at_a_pole
from protocols.pair.clausius import clausius_slack as clausius_slack
from protocols.pair.clausius import clausius_sum as clausius_sum
from protocols.pair.clausius import distance_from_reference as distance_from_reference
from protocols.pair.clausius import energy_of as energy_of
from protocols.pair.clausius import nominal_beta as nominal_beta
from protocols.pair.clausius import pole_of_efficiency as pole_of_efficiency
from protocols.pair.clausius import reference_beta as reference_beta
from protocols.pair.correlated import PairState as PairState
from protocols.pair.correlated import coherent as coherent
from protocols.pair.correlated import entangled as entangled
from protocols.pair.correlated import excited_population as excited_population
from protocols.pair.correlated import product as product
from protocols.pair.exchange import interaction_energy as interaction_energy
from protocols.pair.first_reading import READING as READING
from protocols.pair.information import conserving_entropy_of as conserving_entropy_of
from protocols.pair.information import efficiency_of_fuel as efficiency_of_fuel
from protocols.pair.information import entropy_of as entropy_of
from protocols.pair.information import fuel_of as fuel_of
from protocols.pair.information import local_entropy_of as local_entropy_of
from protocols.pair.information import mutual_information_of as mutual_information_of
from protocols.pair.quasiprobability import kirkwood_dirac as kirkwood_dirac
from protocols.pair.quasiprobability import kirkwood_dirac_nonclassicality as kirkwood_dirac_nonclassicality
from protocols.pair.quasiprobability import margenau_hill as margenau_hill
from protocols.pair.quasiprobability import quasiprobability_negativity as quasiprobability_negativity
from protocols.pair.quasiprobability import semiclassical_heat_bound as semiclassical_heat_bound
