"""What single protocols need beyond the collision layer: gates of a compression, quantities of a pump."""

from protocols.machines.sorting import exchanges as exchanges
from protocols.machines.sorting import rank as rank
from protocols.machines.sorting import sorting as sorting
from protocols.machines.sorting import sorts as sorts
from protocols.machines.sorting import unrank as unrank
