"""Second laws of small systems: Renyi free energies and thermo-majorisation of a system that one bath thermalises."""

from protocols.laws.contact import CHANGE as CHANGE
from protocols.laws.contact import FREE_ENERGY as FREE_ENERGY
from protocols.laws.contact import MARGIN as MARGIN
from protocols.laws.contact import Margin as Margin
from protocols.laws.contact import ThermalContact as ThermalContact
from protocols.laws.contact import qubit_contact as qubit_contact
from protocols.laws.contact import second_laws as second_laws
from protocols.laws.divergences import ORDERS as ORDERS
from protocols.laws.divergences import gibbs_populations as gibbs_populations
from protocols.laws.divergences import renyi_divergence as renyi_divergence
from protocols.laws.divergences import renyi_free_energy as renyi_free_energy
from protocols.laws.majorisation import majorisation_margin as majorisation_margin
from protocols.laws.majorisation import thermo_majorisation_curve as thermo_majorisation_curve
