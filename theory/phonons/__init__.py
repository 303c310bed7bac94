"""A spin and a few modes of vibration: isolated, small, and therefore exact; what it looks like after a long time.

`SpinPhonon` is the model at stated cut-offs, `long_time` averages and fluctuations over all times of any isolated
system (a chain of `protocols.chain` too), `expectation` one along time, `canonical` what statistical mechanics says.
"""

from theory.phonons.long_time import LongTime as LongTime
from theory.phonons.long_time import canonical as canonical
from theory.phonons.long_time import expectation as expectation
from theory.phonons.long_time import long_time as long_time
from theory.phonons.model import SpinPhonon as SpinPhonon

__all__ = ["LongTime", "SpinPhonon", "canonical", "expectation", "long_time"]
