"""Features are wired in one place: each process has the same registrations, and mismatches are rejected on import."""

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app import features
from app.core import events
from app.core.config import ROOT
from app.core.events import on

PROCESSES = ("web", "command", "maintenance", "trainer")


def test_each_process_has_the_same_listeners_parts_of_pages_and_tables() -> None:
    run = [sys.executable, "-m", "tests.architecture.processes"]
    running = {
        name: subprocess.Popen([*run, name], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for name in PROCESSES
    }
    said = {name: process.communicate()[0].splitlines() for name, process in running.items()}
    web, command, maintenance, (trainer, child) = (said[name][-2:] for name in PROCESSES)
    assert len(json.loads(web[-1])[0]) > 10
    assert command[-1] == maintenance[-1] == trainer == child == web[-1]


@dataclass(frozen=True)
class BellRung:
    times: int


def test_a_listener_that_misspells_a_field_or_its_type_is_refused_when_it_is_imported() -> None:
    with pytest.raises(TypeError, match="takes 'tims', which BellRung does not have"):

        @on(BellRung)
        def misspelt(session: Session, *, tims: int) -> None: ...

    with pytest.raises(TypeError, match="takes 'times' as <class 'str'>"):

        @on(BellRung)
        def mistyped(session: Session, *, times: str) -> None: ...

    assert f"{__name__}.BellRung" not in {name for name, those in events.connected().items() if those}


def test_a_listener_hears_the_fields_that_it_takes() -> None:
    heard: list[Any] = []

    @on(BellRung)
    def hear(session: Session, *, times: int) -> None:
        heard.append((session, times))

    @on(BellRung)
    def wake(_session: Session) -> None:
        heard.append("awake")

    events.send(None, BellRung(3))
    assert heard == [(None, 3), "awake"]


def test_no_address_is_answered_by_two_features() -> None:
    """So their order is irrelevant; inside a feature the first of two matching patterns wins."""
    routes = [
        (feature.name, route)
        for feature in features.FEATURES
        for module in features.route_modules()
        if module.__name__.split(".")[1] == feature.name
        for route in module.router.routes
    ]
    both = [
        (name, route.path, other_name, other.path)
        for name, route in routes
        for other_name, other in routes
        if name != other_name
        and route.methods & other.methods
        and other.path_regex.match(re.sub(r"\{\w+(:path)?\}", "xyzzy", route.path))
    ]
    assert both == []


def test_a_task_is_declared_once_and_each_has_a_name_of_its_own() -> None:
    names = [task.name for task in features.tasks()]
    assert len(names) == len(set(names)) >= 5
