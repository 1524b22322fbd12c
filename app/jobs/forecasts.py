"""The forecast beside a training's form, from the latest finished trainings of its recipe here."""

import time
from collections.abc import Mapping, Sequence
from weakref import WeakKeyDictionary

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.core.db import get_engine
from app.jobs.queue.queries import measured_runs
from app.labs.forecast import Forecast, MeasuredRun, forecast
from app.recipes.recipe import Recipe, Value

# A form asks again after each change: all readers of a process share what was read from the database.
FRESH_SECONDS = 30.0

_runs: WeakKeyDictionary[Engine, dict[str, tuple[float, Sequence[MeasuredRun]]]] = WeakKeyDictionary()


def forecast_here(session: Session, recipe: Recipe, settings: Mapping[str, Value]) -> Forecast:
    kept = _runs.setdefault(get_engine(), {})
    moment, runs = kept.get(recipe.slug, (float("-inf"), ()))
    if time.monotonic() - moment > FRESH_SECONDS:
        runs = measured_runs(session, recipe.slug)
        kept[recipe.slug] = time.monotonic(), runs
    return forecast(recipe, settings, runs)
