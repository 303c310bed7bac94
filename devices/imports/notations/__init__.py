"""What columns and cells of a file mean, in whatever notation: names, units, outcomes, qubits that were not read."""

from devices.imports.notations.columns import FIXED as FIXED
from devices.imports.notations.columns import named as named
from devices.imports.notations.columns import settled as settled
from devices.imports.notations.columns import without_index as without_index
from devices.imports.notations.consequences import ERRORS as ERRORS
from devices.imports.notations.counted_start import COUNTED as COUNTED
from devices.imports.notations.counted_start import FEWEST as FEWEST
from devices.imports.notations.counted_start import as_counted as as_counted
from devices.imports.notations.counted_start import in_order as in_order
from devices.imports.notations.counted_start import sites_of as sites_of
from devices.imports.notations.counted_start import with_sites as with_sites
from devices.imports.notations.marginal import places_unread as places_unread
from devices.imports.notations.marginal import with_unread_bits as with_unread_bits
from devices.imports.notations.outcomes import OUTCOMES as OUTCOMES
from devices.imports.notations.outcomes import as_zero_and_one as as_zero_and_one
from devices.imports.notations.time_units import looks_like_seconds as looks_like_seconds
