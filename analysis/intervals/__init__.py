"""Values with standard errors and 95 % intervals: draws, the region of the likelihood, the posterior."""

from analysis.intervals.cells import Cells as Cells
from analysis.intervals.cells import stored_cells as stored_cells
from analysis.intervals.cells import view as view
from analysis.intervals.credible import posterior_quantiles as posterior_quantiles
from analysis.intervals.estimation import Estimate as Estimate
from analysis.intervals.estimation import coefficients as coefficients
from analysis.intervals.estimation import estimate as estimate
from analysis.intervals.estimation import estimates as estimates
from analysis.intervals.estimation import groundwork as groundwork
from analysis.intervals.estimation import open_to_zero_where_allowed as open_to_zero_where_allowed
from analysis.intervals.estimation import transformed_ends as transformed_ends
from analysis.intervals.exact_members import exact_resolved as exact_resolved
from analysis.intervals.likelihood_region import coordinates as coordinates
from analysis.intervals.likelihood_region import extremes as extremes
from analysis.intervals.likelihood_region import region_of as region_of
from analysis.intervals.methods import LINEAR as LINEAR
from analysis.intervals.methods import Methods as Methods
from analysis.intervals.rules import KINK as KINK
from analysis.intervals.rules import NORMAL_95 as NORMAL_95
from analysis.intervals.rules import SOURCES as SOURCES
from analysis.intervals.rules import Spread as Spread
from analysis.intervals.rules import bootstrap as bootstrap
from analysis.intervals.rules import likelihood_ratio as likelihood_ratio
from analysis.intervals.rules import wider as wider
from analysis.intervals.zero_sets import incoherent_p_value as incoherent_p_value
from analysis.intervals.zero_sets import product_p_value as product_p_value
