"""The scenarios of ``check``, all families of them.

An expectation says what is staged, and leaves out what ``docs/causes.md`` says it explains; none is copied from a run.
"""

from __future__ import annotations

from functools import cache

from tests.scenarios import adverse, alone, clock, key, network, selection, sources, stacked, twins, values
from tests.scenarios.running import Outcome, run
from tests.scenarios.scenario import Scenario

GRID: tuple[Scenario, ...] = (
    *alone.SCENARIOS,
    *twins.SCENARIOS,
    *clock.SCENARIOS,
    *key.SCENARIOS,
    *values.SCENARIOS,
    *sources.SCENARIOS,
    *network.SCENARIOS,
    *stacked.SCENARIOS,
    *adverse.SCENARIOS,
    *selection.SCENARIOS,
)


@cache
def outcome(name: str) -> Outcome:
    """Run a scenario of the grid, once per session."""
    return run(next(scenario for scenario in GRID if scenario.name == name))
