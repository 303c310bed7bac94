"""Heat as a distribution, drawn."""

from analysis.figures.fluctuations.heat_statistics import heat_statistics as heat_statistics
from analysis.figures.fluctuations.heat_statistics import shown_at as shown_at
