"""Trainings for browser tests: submitted without the form, followed to their end, read as events."""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin
from uuid import uuid4

import httpx
from playwright.sync_api import BrowserContext, Page, Response

from app.recipes.recipe import all_recipes

OPENING = "/courses/deep-learning/lessons/00-opening"
CONVOLUTION = "/courses/deep-learning/lessons/11-cnn"

QUICK = {"epochs": 1, "train_size": 1000}
# Some seconds long on two idle cores: a page can be reloaded, and a connection lost, halfway.
WATCHABLE = {"epochs": 5, "train_size": 10_000, "batch_size": 8}
ENDLESS = {"epochs": 30, "train_size": 55_000, "batch_size": 4}
FOLLOW_PATIENCE = 600.0


@dataclass(frozen=True)
class Event:
    identity: str
    kind: str
    data: dict[str, Any]


def start(page: Page, lesson: str = OPENING, lab: str = "first-job", **values: object) -> str:
    """Submit a lab's form with these values and the lesson's own for the rest; returns the job's path."""
    lesson_page = page.request.get(lesson).text()
    form = re.search(rf'<form[^>]*action="([^"#]*/labs/{lab}/jobs)[^"]*".*?</form>', lesson_page, re.DOTALL)
    assert form, "the lesson shows no such form"
    # A cached page repeats its key, which a browser's script renews.
    fields: dict[str, object] = _values_in(form[0]) | {"guess": "0.9", "request_key": uuid4().hex} | values
    answer = page.request.post(
        form[1], form=fields, headers={"Sec-Fetch-Site": "same-origin"}, max_redirects=0
    )
    assert answer.status == 303, answer.text()
    return answer.headers["location"]


def open_trained(page: Page, recipe: str, **values: Any) -> Response:
    """Train a recipe outside lessons, with these values and its defaults for the rest, and open the finished job's page."""
    settings = {
        h.name: h.as_text(values.get(h.name, h.default)) for h in all_recipes()[recipe].hyperparameters
    }
    answer = page.request.post(
        f"/recipes/{recipe}/jobs",
        form=settings | {"request_key": uuid4().hex},
        headers={"Sec-Fetch-Site": "same-origin"},
        max_redirects=0,
    )
    assert answer.status == 303, answer.text()
    job = answer.headers["location"]
    events = events_of(page.context, urljoin(answer.url, job))
    assert end_state(events) == "succeeded", page.request.get(job).text()
    response = page.goto(job)
    assert response
    return response


def _values_in(form: str) -> dict[str, object]:
    """What a form would send untouched: its number fields, chosen options and checked boxes."""
    fields: dict[str, object] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        is_box = attributes.get("type") in {"radio", "checkbox"}
        if "name" in attributes and (not is_box or re.search(r"\schecked", tag)):
            fields[attributes["name"]] = attributes.get("value", "")
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    return fields


def events_of(context: BrowserContext, address: str, after: str | None = None) -> list[Event]:
    """All events of a job until it ends, as a browser would get them (after `after`, if given)."""
    headers = {"Last-Event-ID": after} if after else {}
    cookies = {cookie["name"]: cookie["value"] for cookie in context.cookies()}
    events, fields = [], {}
    with (
        httpx.Client(cookies=cookies, timeout=FOLLOW_PATIENCE, trust_env=False) as client,
        client.stream("GET", f"{address}/events", headers=headers) as answer,
    ):
        assert answer.status_code == 200, answer.read()
        for line in answer.iter_lines():
            if line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                fields[name] = value
            elif fields.get("data"):
                events.append(Event(fields.get("id", ""), fields["event"], json.loads(fields["data"])))
                fields = {}
    return events


def steps_in(events: list[Event]) -> list[int]:
    """The steps of all live points, in the order they came."""
    return [point["step"] for event in events if event.kind == "points" for point in event.data["points"]]


def end_state(events: list[Event]) -> str:
    assert events and events[-1].kind == "state", events[-1:]
    return str(events[-1].data["state"])
