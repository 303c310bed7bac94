"""A sweep as one curve: the fitted oscillation, net heat and its significance."""

from analysis.sweeps.fits import DriveCheck as DriveCheck
from analysis.sweeps.fits import SweepFit as SweepFit
from analysis.sweeps.fits import sweep_fits as sweep_fits
from analysis.sweeps.flow import Flow as Flow
from analysis.sweeps.flow import Moment as Moment
from analysis.sweeps.flow import flow_of_fit as flow_of_fit
from analysis.sweeps.flow import flow_of_points as flow_of_points
from analysis.sweeps.oscillation import Oscillation as Oscillation
from analysis.sweeps.oscillation import Series as Series
from analysis.sweeps.oscillation import fit as fit
