"""The plan of a machine between two baths: how often its regime will be named, and where it gives most in a cycle."""

from analysis.planning.machines.naming import Naming as Naming
from analysis.planning.machines.naming import namings as namings
from analysis.planning.machines.operating import Operating as Operating
from analysis.planning.machines.operating import operating_points as operating_points
from analysis.planning.machines.wording import naming_in_words as naming_in_words
from analysis.planning.machines.wording import operating_in_words as operating_in_words
