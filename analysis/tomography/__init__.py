"""Counts -> states: likelihood, its maximum with a certificate, other estimators."""

from analysis.tomography.estimators import DRAWN_GAP as DRAWN_GAP
from analysis.tomography.estimators import ESTIMATORS as ESTIMATORS
from analysis.tomography.estimators import StateFit as StateFit
from analysis.tomography.estimators import estimate_states as estimate_states
from analysis.tomography.estimators import fit as fit
from analysis.tomography.estimators import likelihood_of as likelihood_of
from analysis.tomography.estimators import linear_inversion as linear_inversion
from analysis.tomography.estimators import maximum_likelihood as maximum_likelihood
from analysis.tomography.estimators import nearest_state as nearest_state
from analysis.tomography.estimators import per_member as per_member
from analysis.tomography.estimators import quasi_likelihood_of as quasi_likelihood_of
from analysis.tomography.estimators import some_draws as some_draws
from analysis.tomography.likelihood import Likelihood as Likelihood
from analysis.tomography.likelihood import QuasiLikelihood as QuasiLikelihood
from analysis.tomography.likelihood import family_basis as family_basis
from analysis.tomography.likelihood import outcome_design as outcome_design
from analysis.tomography.likelihood import setting_design as setting_design
from analysis.tomography.maximum import matrices as matrices
from analysis.tomography.maximum import maximise as maximise
from analysis.tomography.maximum import positive_definite as positive_definite
