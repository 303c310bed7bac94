"""Where it is done: devices, and the run record that every device writes."""

from devices._execute import execute as execute
from devices._job import DamagedRun as DamagedRun
from devices._job import Device as Device
from devices._job import FailedRun as FailedRun
from devices._job import ForeignRun as ForeignRun
from devices._job import Job as Job
from devices._job import Placement as Placement
from devices._job import Plan as Plan
from devices._job import RunError as RunError
from devices._job import Slot as Slot
from devices._job import UnfinishedRun as UnfinishedRun
from devices._open import names as names
from devices._open import open_device as open_device
from devices._record import RunRecord as RunRecord
from devices._record import status as status

__all__ = [
    "DamagedRun",
    "Device",
    "FailedRun",
    "ForeignRun",
    "Job",
    "Placement",
    "Plan",
    "RunError",
    "RunRecord",
    "Slot",
    "UnfinishedRun",
    "execute",
    "names",
    "open_device",
    "status",
]
