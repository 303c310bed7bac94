"""What single protocols need beyond the collision layer: a compression, a pump, a classical gas."""

from protocols.machines.maxwell_walls import maxwell_wall_current as maxwell_wall_current
from protocols.machines.maxwell_walls import maxwell_wall_share as maxwell_wall_share
from protocols.machines.sorting import exchanges as exchanges
from protocols.machines.sorting import rank as rank
from protocols.machines.sorting import sorting as sorting
from protocols.machines.sorting import sorts as sorts
from protocols.machines.sorting import unrank as unrank
