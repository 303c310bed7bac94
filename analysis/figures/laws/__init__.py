"""Many second laws, and the budget of a correlated pair, drawn."""

from analysis.figures.laws.budget import budget as budget
from analysis.figures.laws.second_laws import second_laws as second_laws
