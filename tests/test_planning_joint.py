"""A plan whose goal reads bits of ancillas jointly: it expects what a run of as many shots then says."""

from __future__ import annotations

import pytest

from analysis.planning.expectation import expect
from devices import open_device
from protocols import compile
from protocols.maxwell_demon import MaxwellDemon
from protocols.program import Goal, theory


class Knowing(MaxwellDemon):
    """A demon whose goal is what it knows."""

    @staticmethod
    def observables(points):
        """With a limit for the information."""
        return (*MaxwellDemon.observables(points), theory("nothing", "SM", lambda s: 0 * s.parameters["T"], unit="nat"))

    @staticmethod
    def goal(points):
        """Information of the bit that acted."""
        return Goal("information", "SM", "nothing", "the record knows", "it is not shown", everywhere=True)


@pytest.mark.parametrize("form", ["deferred", "measured"])
def test_a_goal_of_joint_bits_is_planned(form):
    experiment = Knowing(record_error=0.15)
    points = experiment.points({"feedback": form, "control": ""})
    said = expect(compile(experiment, points, shots=1000, calibration_shots=0), open_device("exact"))
    (verdict,) = said.verdicts
    assert (verdict.quantity, verdict.kind.name) == ("information SM", "GOAL_REACHED")
    value = said.estimates.quantities["information", "SM"]
    assert value.value.ravel() == pytest.approx(value.ideal.ravel(), abs=1e-9)
    # members have exact weights and their bits are certain: what is left is below the error of shots drawn freely
    assert 0 < verdict.stderr < 1000**-0.5
