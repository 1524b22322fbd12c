"""Some thousand random requests, the same in every run: none causes a server error, none that is forged or
foreign is accepted. `script/bench fuzz` sends fifty thousand.
"""

import pytest

from app.main import create_app
from tests.fuzz.requests import routes_of
from tests.fuzz.run import run
from tests.fuzz.world import ACTORS, make_world

REQUESTS = {"sqlite": 2000, "postgresql": 700}


@pytest.mark.timeout(1800)  # it is long, and must not be cut short by a busy machine
def test_no_request_is_answered_by_a_fault_of_ours(lessons: None, redis: None, database: str) -> None:
    app = create_app()
    world = make_world()
    assert {name for route in routes_of(app) for name in route.path_names} <= set(world.known), "an example"
    outcome = run(app, world, REQUESTS[database])
    assert outcome.faults == []
    assert outcome.count == REQUESTS[database]
    # About one in twenty is; each new route draws the others anew, so the floor lies three deviations of 700 requests below that.
    assert outcome.forged > outcome.count / 40
    assert outcome.foreign > outcome.count / 400
    assert {200, 303, 403, 404, 422} <= set(outcome.statuses), "they reach what they should"


def test_the_requests_are_of_every_route_and_every_actor() -> None:
    routes = routes_of(create_app())
    assert len(routes) > 140
    assert len(ACTORS) * len(routes) <= REQUESTS["sqlite"], "each route is asked by each actor at least once"
    assert any("note" in route.form_names for route in routes)
