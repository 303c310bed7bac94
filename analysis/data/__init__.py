"""What was measured, as arrays: counts or expectation values, their frequencies, moments and draws."""

from analysis.data.count_table import MOST_QUBITS as MOST_QUBITS
from analysis.data.count_table import determined as determined
from analysis.data.counts import Counts as Counts
from analysis.data.counts import tabulate as tabulate
from analysis.data.draws import DRAWS_PER_CHUNK as DRAWS_PER_CHUNK
from analysis.data.draws import chunks as chunks
from analysis.data.expectations import Expectations as Expectations
from analysis.data.frequencies import Frequencies as Frequencies
from analysis.data.frequencies import measured_frequencies as measured_frequencies
from analysis.data.local_counts import LocalCounts as LocalCounts
from analysis.data.moments import PSEUDO_COUNTS as PSEUDO_COUNTS
from analysis.data.moments import LinearErrors as LinearErrors
from analysis.data.moments import calibration_response as calibration_response
from analysis.data.moments import stratified_covariance as stratified_covariance
from analysis.data.reading import Data as Data
from analysis.data.reading import DataSet as DataSet
from analysis.data.reading import Reading as Reading
from analysis.data.reading import StateReading as StateReading
from analysis.data.reading import read as read
from analysis.data.readout_confusion import calibration_root as calibration_root
from analysis.data.readout_confusion import confusion_of as confusion_of
from analysis.data.readout_confusion import whole_shots as whole_shots
from analysis.data.resolved import Columns as Columns
from analysis.data.resolved import check_columns as check_columns
from analysis.data.resolved_errors import Slope as Slope
from analysis.data.resolved_errors import resolved_variance as resolved_variance
