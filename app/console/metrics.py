"""/metrics for Prometheus: requests and live streams of this process, the queue, trainings and workers.

There is no such address unless SOPHORA_METRICS_TOKEN is set, and it answers nobody who does not send that token.
"""

import secrets
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Annotated, cast

from fastapi import APIRouter, Depends, FastAPI, Header, Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.orm import Session
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.accounts.dependencies import names
from app.console import queries
from app.console.listeners import BUCKETS, ENDED, SECONDS
from app.core import disk
from app.core.clock import now
from app.core.config import get_settings
from app.core.errors import NotFound
from app.core.permissions import Permission
from app.core.redis import get_redis
from app.jobs.queue.reports import reports
from app.jobs.queue.tickets import QUEUES
from app.jobs.queue.workers import count_slots
from app.web.dependencies import Db

REQUEST_BUCKETS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10)
STREAM = b"text/event-stream"
Metric = GaugeMetricFamily | CounterMetricFamily | HistogramMetricFamily


@names(Permission.MANAGE)
def with_token(authorization: Annotated[str, Header(max_length=300)] = "") -> None:
    """A Prometheus stands for the admins who gave it the token. To anybody else there is nothing here."""
    given, wanted = authorization.encode(), f"Bearer {get_settings().metrics_token}".encode()
    if not secrets.compare_digest(given, wanted):
        raise NotFound


class HttpMetrics:
    """Pure ASGI middleware, outermost. A request's label is its route's pattern, never its address: there are few of them."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self.app = app
        labels = ("method", "route")
        self.requests = Counter("sophora_http_requests", "Requests", (*labels, "status"), registry=registry)
        self.seconds = Histogram(
            "sophora_http_request_seconds",
            "Time until the answer was sent; live streams are left out",
            labels,
            buckets=REQUEST_BUCKETS,
            registry=registry,
        )
        self.streams = Gauge("sophora_live_streams", "Open streams of live events", registry=registry)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        status, is_stream, begun = 500, False, time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status, is_stream
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = dict(message.get("headers", ()))
                if headers.get(b"content-type", b"").startswith(STREAM) and not is_stream:
                    is_stream = True
                    self.streams.inc()
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            method = scope["method"] if scope["method"] in {"GET", "HEAD", "POST", "PUT"} else "other"
            # A page kept for all visitors has no route: it is sent before one is looked for.
            route = getattr(scope.get("route"), "path", "kept" if status < 400 else "unknown")
            self.requests.labels(method, route, str(status)).inc()
            if is_stream:
                self.streams.dec()
            else:
                self.seconds.labels(method, route).observe(time.perf_counter() - begun)


class OfSite(Collector):
    """What the database and Redis know, at the moment of the question."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def collect(self) -> Iterator[Metric]:
        yield from self._of_queue()
        yield GaugeMetricFamily(
            "sophora_disk_free_bytes", "Free on the data folder's disk", disk.free_mb() * 2**20
        )
        try:
            metrics = [*_of_workers(get_redis()), *_of_ended(get_redis())]
        except RedisError:
            metrics = []
        yield GaugeMetricFamily("sophora_redis_up", "1 if Redis answers", float(bool(metrics)))
        yield from metrics

    def _of_queue(self) -> Iterator[Metric]:
        waiting, running = queries.waiting_by_queue(self.session), queries.running_by_queue(self.session)
        length = GaugeMetricFamily("sophora_queue_length", "Waiting trainings", labels=["queue"])
        age = GaugeMetricFamily("sophora_queue_age_seconds", "Age of the first waiting one", labels=["queue"])
        busy = GaugeMetricFamily("sophora_jobs_running", "Trainings that run", labels=["queue"])
        for queue in QUEUES:
            count, since = waiting.get(queue, (0, None))
            length.add_metric([queue], count)
            age.add_metric([queue], (now() - since).total_seconds() if since else 0)
            busy.add_metric([queue], running.get(queue, 0))
        yield from (length, age, busy)


def _of_workers(redis: Redis) -> Iterator[Metric]:
    slots = GaugeMetricFamily("sophora_worker_slots", "Slots of live workers", labels=["queue"])
    for queue in QUEUES:
        slots.add_metric([queue], count_slots(redis, queue))
    yield slots
    silent = GaugeMetricFamily(
        "sophora_worker_silent_seconds", "Since a process's last sign of life", labels=["worker"]
    )
    memory = GaugeMetricFamily(
        "sophora_worker_memory_bytes", "Of a worker with its trainings", labels=["worker"]
    )
    used = GaugeMetricFamily("sophora_worker_slots_used", "Trainings of a worker", labels=["worker"])
    for report in reports(redis):
        silent.add_metric([report.node], report.silent_seconds)
        if not report.is_silent:
            memory.add_metric([report.node], report.memory_mb * 2**20)
            used.add_metric([report.node], len(report.trainings))
    yield from (silent, memory, used)


def _of_ended(redis: Redis) -> Iterator[Metric]:
    ended = CounterMetricFamily("sophora_jobs_ended", "Trainings that ended", labels=["recipe", "state"])
    for field, count in cast("dict[bytes, bytes]", redis.hgetall(ENDED)).items():
        ended.add_metric(field.decode().split("|"), float(count))
    yield ended
    seconds: dict[str, dict[str, float]] = defaultdict(dict)
    for field, value in cast("dict[bytes, bytes]", redis.hgetall(SECONDS)).items():
        recipe, _, bound = field.decode().partition("|")
        seconds[recipe][bound] = float(value)
    times = HistogramMetricFamily("sophora_job_seconds", "Time of successful trainings", labels=["recipe"])
    for recipe, found in sorted(seconds.items()):
        buckets, total = [], 0.0
        for bound in (*map(str, BUCKETS), "+Inf"):
            total += found.get(bound, 0)
            buckets.append((bound, total))
        times.add_metric([recipe], buckets, sum_value=found.get("sum", 0))
    yield times


def install(app: FastAPI) -> None:
    registry = CollectorRegistry()
    router = APIRouter()

    @router.get("/metrics", dependencies=[Depends(with_token)])
    def metrics(session: Db) -> Response:
        of_site = CollectorRegistry()
        of_site.register(OfSite(session))
        return Response(
            generate_latest(registry) + generate_latest(of_site), media_type=CONTENT_TYPE_PLAIN_0_0_4
        )

    app.include_router(router)
    app.add_middleware(HttpMetrics, registry=registry)
