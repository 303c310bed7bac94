"""Work spread over processes of this machine, over a Dask cluster, or done in this process: the same answers."""

from workers.asked import Asked as Asked
from workers.asked import opened as opened
from workers.spreading import ALONE as ALONE
from workers.spreading import WorkerLost as WorkerLost
from workers.spreading import Workers as Workers
from workers.spreading import in_order as in_order
from workers.spreading import in_turn as in_turn
from workers.spreading import spread as spread

__all__ = ["ALONE", "Asked", "WorkerLost", "Workers", "in_order", "in_turn", "opened", "spread"]

__part_of__ = "hotward"
"""By this `hotward.packages` tells it from a package of this name that another distribution brought."""
