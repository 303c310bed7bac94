"""A system that meets fresh thermal ancillas: circuits, weights, exact states. What a protocol needs of it."""

from protocols.collisions.ancillas import PREPARATIONS as PREPARATIONS
from protocols.collisions.ancillas import Dephase as Dephase
from protocols.collisions.ancillas import Renew as Renew
from protocols.collisions.ancillas import Thermal as Thermal
from protocols.collisions.ancillas import batches as batches
from protocols.collisions.ancillas import flips as flips
from protocols.collisions.ancillas import mixing_angle as mixing_angle
from protocols.collisions.ancillas import probability as probability
from protocols.collisions.ancillas import thermal as thermal
from protocols.collisions.collisions import Collisions as Collisions
from protocols.collisions.collisions import Structure as Structure
from protocols.collisions.evolution import Step as Step
from protocols.collisions.feedback import FEEDBACKS as FEEDBACKS
from protocols.collisions.feedback import Feedback as Feedback
from protocols.collisions.operations import Operation as Operation
from protocols.collisions.operations import act as act
from protocols.collisions.operations import both as both
from protocols.collisions.operations import computational as computational
from protocols.collisions.operations import controlled_exchange as controlled_exchange
from protocols.collisions.operations import controlled_pairs as controlled_pairs
from protocols.collisions.operations import exchange as exchange
from protocols.collisions.operations import gate as gate
from protocols.collisions.operations import pairs as pairs
from protocols.collisions.operations import phased_exchange as phased_exchange
from protocols.collisions.operations import swap_states as swap_states
