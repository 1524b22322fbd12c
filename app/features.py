"""The one list of features. What every process needs of them is imported here: tables and listeners.

So the web server, the workers, their children and the commands know the same. Only the web server loads the routers, and only the
maintenance process the tasks: other processes would start later and use more memory. A new feature is a line on its floor, with
the modules it has.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pkgutil import resolve_name
from types import ModuleType

from fastapi import APIRouter

from app.accounts import models as accounts
from app.authoring import models as authoring
from app.board import listeners as board_listeners
from app.board import models as board
from app.checkins import listeners as checkins_listeners
from app.checkins import models as checkins
from app.classes import models as classes
from app.console import listeners as console_listeners
from app.core.db import Base
from app.core.owned import Owned
from app.core.tasks import PeriodicTask, tasks_of
from app.courses import models as courses
from app.jobs import listeners as jobs_listeners
from app.jobs import models as jobs
from app.journal import models as journal
from app.moderation import listeners as moderation_listeners
from app.notes import models as notes
from app.notifications import listeners as notifications_listeners
from app.notifications import models as notifications
from app.quizzes import models as quizzes
from app.reviews import listeners as reviews_listeners
from app.reviews import models as reviews
from app.runs import listeners as runs_listeners
from app.runs import models as runs
from app.search import listeners as search_listeners
from app.search import models as search
from app.web.kept_pages.readers import Stamp


@dataclass(frozen=True)
class Feature:
    """A folder of the app. `routes` are its modules with a `router`: if two patterns match an address, the first one wins."""

    name: str
    models: ModuleType | None = None
    # Connected by being imported: they listen to events, or fill slots of pages.
    listeners: ModuleType | None = None
    routes: tuple[str, ...] = ()
    has_tasks: bool = False


# Arrows point down only: a feature imports those on the floors below, and none beside it.
FLOORS: tuple[tuple[Feature, ...], ...] = (
    (Feature("profiles", routes=("routes",)),),
    (Feature("notifications", notifications, notifications_listeners, ("routes",), has_tasks=True),),
    (
        Feature("reviews", reviews, reviews_listeners, routes=("routes",)),
        Feature("progress", routes=("routes",)),
        Feature("guide", routes=("routes",)),
        Feature("runs", runs, runs_listeners, routes=("routes",)),
        Feature("insight", routes=("routes",)),
        Feature("console", None, console_listeners, ("routes",)),
    ),
    (Feature("admin", routes=("routes",)),),
    (Feature("classes", classes, routes=("routes",)),),
    (
        Feature("moderation", listeners=moderation_listeners, routes=("routes",)),
        Feature("checkins", checkins, checkins_listeners, routes=("routes",)),
        Feature("authoring", authoring, None, ("routes", "outline.routes", "parts.routes"), has_tasks=True),
        Feature("columns", routes=("routes",)),
        Feature("notes", notes, routes=("routes",)),
    ),
    (Feature("search", search, search_listeners, routes=("routes",), has_tasks=True),),
    (Feature("board", board, board_listeners, ("routes", "live_routes", "own.routes"), has_tasks=True),),
    (Feature("publishing"),),
    (Feature("courses", courses, routes=("routes",)),),
    (
        Feature(
            "jobs",
            jobs,
            jobs_listeners,
            ("comparison.routes", "routes", "recipe_routes", "sweeps.routes", "continuing.routes"),
            has_tasks=True,
        ),
    ),
    (Feature("labs"), Feature("quizzes", quizzes), Feature("datasets", routes=("routes",))),
    (Feature("recipes"), Feature("journal", journal)),
    (Feature("accounts", accounts, routes=("routes",)),),
)
# Bottom floor first.
FEATURES = tuple(feature for floor in reversed(FLOORS) for feature in floor)

metadata = Base.metadata
OWNED: tuple[Owned, ...] = tuple(
    owned for feature in FEATURES for owned in getattr(feature.models, "OWNED", ())
)


def tasks() -> Iterator[PeriodicTask]:
    for feature in FEATURES:
        if feature.has_tasks:
            yield from tasks_of(resolve_name(f"app.{feature.name}.tasks"))


def route_modules() -> list[ModuleType]:
    return [resolve_name(f"app.{feature.name}.{module}") for feature in FEATURES for module in feature.routes]


def routers() -> list[APIRouter]:
    return [module.router for module in route_modules()]


def kept_pages() -> dict[str, Stamp]:
    """The validators of cached pages, by route pattern: declared as `KEPT` beside a router."""
    return {
        address: stamp for module in route_modules() for address, stamp in getattr(module, "KEPT", {}).items()
    }
