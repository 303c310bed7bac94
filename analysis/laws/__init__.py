"""Laws that a run is held to beyond heat: many second laws, and the budget of a correlated pair."""

from analysis.laws.budget import Budget as Budget
from analysis.laws.budget import budget_of as budget_of
from analysis.laws.second_laws import SecondLaws as SecondLaws
from analysis.laws.second_laws import second_laws_of as second_laws_of
