"""Heat between two walls: a classical particle, whose current falls again where one wall is very cold, and levels."""

from theory.walls import lindblad as lindblad
from theory.walls.currents import Most as Most
from theory.walls.currents import Steady as Steady
from theory.walls.currents import most as most
from theory.walls.currents import relaxation as relaxation
from theory.walls.currents import stationary as stationary
from theory.walls.currents import steady as steady
from theory.walls.gas import Flights as Flights
from theory.walls.gas import Gas as Gas
from theory.walls.gas import fly as fly
from theory.walls.levels import LAWS as LAWS
from theory.walls.levels import Conductor as Conductor
from theory.walls.levels import RateLaw as RateLaw
from theory.walls.levels import box as box
from theory.walls.levels import bridge as bridge
from theory.walls.levels import ladder as ladder
