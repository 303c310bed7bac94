"""Chains of qubits whose neighbours exchange excitations: free fermions, exact circuits, exact references."""

from protocols.chain.network import Network as Network
from protocols.chain.network import network as network
from protocols.chain.network import network_steps as network_steps
from protocols.chain.network import network_values as network_values
from protocols.chain.network import places as places
from protocols.chain.network import unitary as unitary
from protocols.chain.orbitals import block_entropy as block_entropy
from protocols.chain.orbitals import bond_currents as bond_currents
from protocols.chain.orbitals import energies as energies
from protocols.chain.orbitals import evolution as evolution
from protocols.chain.orbitals import evolved as evolved
from protocols.chain.orbitals import hopping as hopping
from protocols.chain.orbitals import strang as strang
from protocols.chain.orbitals import strang_layers as strang_layers
from protocols.chain.orbitals import total_correlation as total_correlation
