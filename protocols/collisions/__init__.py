"""A system that meets fresh thermal ancillas: circuits, weights, exact states."""

from protocols.collisions.ancillas import PREPARATIONS as PREPARATIONS
from protocols.collisions.ancillas import batches as batches
from protocols.collisions.ancillas import flips as flips
from protocols.collisions.ancillas import probability as probability
from protocols.collisions.ancillas import thermal as thermal
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
from protocols.collisions.sorting import exchanges as exchanges
from protocols.collisions.sorting import rank as rank
from protocols.collisions.sorting import sorting as sorting
from protocols.collisions.sorting import sorts as sorts
from protocols.collisions.sorting import unrank as unrank
