"""The web server. `uvicorn app.main:create_app --factory` serves it."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from anyio import to_thread
from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from app import (
    __version__,
    features,  # noqa: F401 - connects features that listen
)
from app.accounts import last_seen
from app.accounts import routes as accounts
from app.accounts.service import live_tokens
from app.admin import routes as admin
from app.authoring import outline_routes as authoring_outline
from app.authoring import routes as authoring
from app.authoring.parts import routes as authoring_parts
from app.board import live_routes as live
from app.board import routes as board
from app.board.own import routes as own_comments
from app.checkins import routes as checkins
from app.columns import routes as columns
from app.core import (
    i18n,
    sandbox,
    storage,
)
from app.core.admission import PLACES, Admission
from app.core.config import ROOT, get_settings
from app.core.live import EventHub
from app.core.logging import configure_logging
from app.core.writers import Writers
from app.courses import routes as courses
from app.courses.stamps import LESSON_ADDRESS, lesson_stamp
from app.jobs import routes as jobs
from app.moderation import routes as moderation
from app.notes import routes as notes
from app.notifications import routes as notifications
from app.profiles import routes as profiles
from app.progress import routes as progress
from app.recipes.recipe import all_recipes
from app.reviews import routes as reviews
from app.search import routes as search
from app.web import assets, health
from app.web.bounded import BoundedRequests
from app.web.error_pages import install_error_handlers, install_fault_handlers
from app.web.heads import AnswerHeads
from app.web.kept_pages.readers import ReaderPages
from app.web.kept_pages.visitors import RecordVisitorPages, VisitorPages, VisitorStore
from app.web.security.csrf import protect_from_forgery
from app.web.security.headers import PageMiddleware
from app.web.static_files import ImmutableFiles

# For what needs no place: static files, rate limits.
OTHER_THREADS = 60

# Each has a `router`. Where two patterns fit an address, the one that stands first is asked.
FEATURES = (
    health, board, courses, accounts, jobs, progress, checkins, notes, search, live, own_comments, moderation, reviews, notifications, profiles,
    authoring, authoring_outline, authoring_parts, columns, admin,
)  # fmt: skip


def create_app() -> FastAPI:
    settings = get_settings()
    configure_logging(settings)
    app = FastAPI(
        title="Sophora",
        version=__version__,
        lifespan=lifespan,
        dependencies=[Depends(protect_from_forgery)],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.mount("/static", ImmutableFiles(directory=ROOT / "static" / "dist", check_dir=False))
    for feature in FEATURES:
        app.include_router(feature.router)
    if settings.environment == "development":
        from app import styleguide

        app.include_router(styleguide.router)
    install_error_handlers(app)
    install_fault_handlers(app)
    app.state.admission = Admission()
    app.state.files = storage.Files()
    storage.hurry()
    app.state.writers = Writers(app.state.admission)
    _add_middleware(app)
    return app


def _add_middleware(app: FastAPI) -> None:
    """The last one added is the first that a request meets."""
    store = app.state.visitor_store = VisitorStore()
    app.add_middleware(BoundedRequests)
    app.add_middleware(PageMiddleware)
    app.add_middleware(ReaderPages, stamps={LESSON_ADDRESS: lesson_stamp})
    app.add_middleware(RecordVisitorPages, store=store)
    # It leaves alone what is compressed already, and event streams.
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(VisitorPages, store=store)
    app.add_middleware(AnswerHeads)


def _look_for_garbage_less_often() -> None:
    """What is loaded by now stays, and a request leaves little in circles: looking for it costs a sixth of a post.

    Twenty thousand small objects are a few megabytes.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    # Who has a place finds a thread, whatever those without one do.
    to_thread.current_default_thread_limiter().total_tokens = PLACES + OTHER_THREADS
    app.state.event_hub = EventHub(partial(app.state.admission.run, waits_for_ever=True), live_tokens)
    await app.state.event_hub.start()
    sandbox.pool.start()
    # Read here, once, and not in the first transaction that asks.
    all_recipes()
    i18n.load()
    if get_settings().environment == "production":
        await to_thread.run_sync(assets.share_with_other_versions)
    _look_for_garbage_less_often()
    async with last_seen.noting(app.state.admission, app.state.writers):
        yield
    await app.state.event_hub.stop()
