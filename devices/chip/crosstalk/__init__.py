"""What has to be known for copies on one chip to be checked for crosstalk: neighbours, durations, sums within shots."""

from devices.chip.crosstalk.beside import alone_in_turns as alone_in_turns
from devices.chip.crosstalk.beside import durations as durations
from devices.chip.crosstalk.beside import neighbours as neighbours
from devices.chip.crosstalk.summing import apart_and_summed as apart_and_summed
from devices.chip.crosstalk.summing import summed as summed
from devices.chip.crosstalk.within_shots import WithinShots as WithinShots
