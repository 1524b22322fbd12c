"""The web server. `uvicorn app.main:create_app --factory` serves it."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from anyio import to_thread
from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from app import __version__, features
from app.accounts import last_seen
from app.accounts.dependencies import reader_of
from app.accounts.service import live_tokens, users_for_tokens
from app.core import i18n, sandbox, storage
from app.core.admission import PLACES, Admission
from app.core.config import ROOT, get_settings
from app.core.live.hub import EventHub
from app.core.logging import configure_logging
from app.core.writers import Writers
from app.recipes.recipe import all_recipes
from app.web import assets, health
from app.web.bounded import BoundedRequests
from app.web.error_pages import install_error_handlers, install_fault_handlers
from app.web.heads import AnswerHeads
from app.web.kept_pages.readers import ReaderPages
from app.web.kept_pages.visitors import RecordVisitorPages, VisitorPages, VisitorStore
from app.web.routing import AskedByBeginning
from app.web.security.csrf import protect_from_forgery
from app.web.security.headers import PageMiddleware
from app.web.static_files import ImmutableFiles

# Threads for work without a slot: static files, rate limits.
OTHER_THREADS = 60


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
    for router in (health.router, *features.routers()):
        app.include_router(AskedByBeginning(router))
    if settings.environment == "development":
        from app import styleguide

        app.include_router(styleguide.router)
    install_error_handlers(app)
    install_fault_handlers(app)
    app.state.admission = Admission()
    app.state.reader_of = reader_of
    app.state.files = storage.Files()
    app.state.owned = features.OWNED
    storage.hurry()
    app.state.writers = Writers(app.state.admission, users_for_tokens)
    _add_middleware(app)
    if settings.metrics_token:
        # Loaded only where it is wanted.
        from app.console import metrics

        metrics.install(app)
    return app


def _add_middleware(app: FastAPI) -> None:
    """Middleware added last sees a request first."""
    store = app.state.visitor_store = VisitorStore()
    app.add_middleware(BoundedRequests)
    app.add_middleware(PageMiddleware)
    app.add_middleware(ReaderPages, stamps=features.kept_pages())
    app.add_middleware(RecordVisitorPages, store=store)
    # It skips event streams and responses that are already compressed.
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(VisitorPages, store=store)
    app.add_middleware(AnswerHeads)


def _look_for_garbage_less_often() -> None:
    """Freeze what is loaded by now, and collect less often: requests leave few cycles, and collecting costs a sixth of a post.

    Twenty thousand small objects are a few megabytes.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    # A request with a slot always finds a thread, whatever those without one do.
    to_thread.current_default_thread_limiter().total_tokens = PLACES + OTHER_THREADS
    app.state.event_hub = EventHub(partial(app.state.admission.run, waits_for_ever=True), live_tokens)
    await app.state.event_hub.start()
    sandbox.pool.start()
    # Loaded here, once, rather than in the first transaction that needs it.
    all_recipes()
    i18n.load()
    if get_settings().environment == "production":
        await to_thread.run_sync(assets.share_with_other_versions)
    _look_for_garbage_less_often()
    async with last_seen.noting(app.state.admission, app.state.writers):
        yield
    await app.state.event_hub.stop()
