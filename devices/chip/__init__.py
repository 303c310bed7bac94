"""A program on a chip: which qubits, which gates, how wires are routed."""

from devices.chip.amid import as_used as as_used
from devices.chip.amid import plain as plain
from devices.chip.amid import wires_read_faster as wires_read_faster
from devices.chip.copies import ONE as ONE
from devices.chip.copies import CopiesAsked as CopiesAsked
from devices.chip.copies import Number as Number
from devices.chip.folding import fold_whole as fold_whole
from devices.chip.folding import with_folds as with_folds
from devices.chip.fractional import LARGEST as LARGEST
from devices.chip.fractional import fold as fold
from devices.chip.fractional import reduced as reduced
from devices.chip.outcomes import MEASUREMENTS as MEASUREMENTS
from devices.chip.outcomes import outcome_of as outcome_of
from devices.chip.packing import FLOOR as FLOOR
from devices.chip.packing import SPACING as SPACING
from devices.chip.placement import best_pairs as best_pairs
from devices.chip.placement import fits as fits
from devices.chip.placement import place as place
from devices.chip.placement import qubits_read as qubits_read
from devices.chip.target import FRACTIONAL as FRACTIONAL
from devices.chip.target import sub_target as sub_target
from devices.chip.target import without as without
