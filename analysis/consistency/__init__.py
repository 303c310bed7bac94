"""Statistics of the checks: tails, homogeneity, goodness of fit, contradictions between settings."""

from analysis.consistency.contradictions import contradictions as contradictions
from analysis.consistency.goodness import Goodness as Goodness
from analysis.consistency.goodness import draws_of as draws_of
from analysis.consistency.goodness import goodness as goodness
from analysis.consistency.goodness import refitted as refitted
from analysis.consistency.prepared import carried_out as carried_out
from analysis.consistency.prepared import declared as declared
from analysis.consistency.prepared import deviation_from_requested_members as deviation_from_requested_members
from analysis.consistency.read_model import Along as Along
from analysis.consistency.read_model import ReadModel as ReadModel
from analysis.consistency.read_model import larger_readout_errors as larger_readout_errors
from analysis.consistency.read_model import read_model as read_model
from analysis.consistency.read_model import white_noise as white_noise
from analysis.consistency.read_model import with_qubits_exchanged as with_qubits_exchanged
from analysis.consistency.scaling import Scale as Scale
from analysis.consistency.scaling import birge as birge
from analysis.consistency.scaling import scaled_estimate as scaled_estimate
from analysis.consistency.setting_motion import Motion as Motion
from analysis.consistency.setting_motion import motion_between_settings as motion_between_settings
