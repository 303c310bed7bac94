"""The plan of a machine between two baths: how often its regime will be named, and where it gives most in a cycle."""

from analysis.planning.machines.naming import Naming as Naming
from analysis.planning.machines.naming import namings as namings
from analysis.planning.machines.tuning import Tuning as Tuning
from analysis.planning.machines.tuning import tunings as tunings
from analysis.planning.machines.wording import naming_in_words as naming_in_words
from analysis.planning.machines.wording import tuning_in_words as tuning_in_words
