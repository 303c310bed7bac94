"""All copies in one circuit: who runs what when, the circuit of the whole chip, and its results taken apart again."""

from devices.chip.together.order import Item as Item
from devices.chip.together.order import items as items
from devices.chip.together.order import odd_copies as odd_copies
from devices.chip.together.order import offsets as offsets
from devices.chip.together.results import Read as Read
from devices.chip.together.results import apart as apart
from devices.chip.together.results import unpacked as unpacked
from devices.chip.together.side_by_side import REGISTER as REGISTER
from devices.chip.together.side_by_side import circuits as circuits
from devices.chip.together.side_by_side import parameters_of as parameters_of
from devices.chip.together.side_by_side import register_of as register_of
from devices.chip.together.side_by_side import side_by_side as side_by_side
from devices.chip.together.side_by_side import values_of as values_of
