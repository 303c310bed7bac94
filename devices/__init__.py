"""Where it is done: devices, and the run record that every device writes."""

from devices._execute import execute as execute
from devices._job import Cost as Cost
from devices._job import DamagedRun as DamagedRun
from devices._job import Device as Device
from devices._job import FailedRun as FailedRun
from devices._job import ForeignRun as ForeignRun
from devices._job import Interrupted as Interrupted
from devices._job import Job as Job
from devices._job import Look as Look
from devices._job import PendingRun as PendingRun
from devices._job import Placement as Placement
from devices._job import Plan as Plan
from devices._job import RemoteDevice as RemoteDevice
from devices._job import RunError as RunError
from devices._job import Slot as Slot
from devices._job import UnfinishedRun as UnfinishedRun
from devices._leftovers import left_open as left_open
from devices._open import names as names
from devices._open import open_device as open_device
from devices._prepare import Prepared as Prepared
from devices._prepare import prepare_run as prepare_run
from devices._record import RunRecord as RunRecord
from devices._record import status as status
from devices._remote import cancel as cancel
from devices._remote import collect as collect
from devices._remote import states as states
from devices._remote import submit as submit
from devices.ibm import HardwareOptions as HardwareOptions
from devices.ibm import PlatformError as PlatformError

__all__ = [
    "Cost",
    "DamagedRun",
    "Device",
    "FailedRun",
    "ForeignRun",
    "HardwareOptions",
    "Interrupted",
    "Job",
    "Look",
    "PendingRun",
    "Placement",
    "Plan",
    "PlatformError",
    "Prepared",
    "RemoteDevice",
    "RunError",
    "RunRecord",
    "Slot",
    "UnfinishedRun",
    "cancel",
    "collect",
    "execute",
    "left_open",
    "names",
    "open_device",
    "prepare_run",
    "states",
    "status",
    "submit",
]
