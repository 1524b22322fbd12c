"""What the processes of workers say about themselves: one report each, renewed with every sign of life.

Redis keeps a report for an hour after the last sign, so that a process that died is seen as silent, and not as if it had never been.
The age of a report is what its expiry has lost: no clocks are compared.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from redis import Redis

from app.core.alive import KEEP_SECONDS

KEPT_SECONDS = 3600
NODES = "sophora:reports"


@dataclass(frozen=True)
class Report:
    """`trainings` are (job, attempt). `pause`: seconds until it claims again after a fault of its own."""

    node: str
    pid: int = 0
    queues: tuple[str, ...] = ()
    slots: int = 0
    trainings: tuple[tuple[str, int], ...] = ()
    load: float = 0
    cores: int = 0
    memory_mb: int = 0
    host_memory_mb: int = 0
    host_memory_used_mb: int = 0
    pause: float = 0
    versions: Mapping[str, str] = field(default_factory=dict)
    silent_seconds: float = 0

    @property
    def is_silent(self) -> bool:
        return self.silent_seconds > KEEP_SECONDS

    @property
    def target(self) -> str:
        """By which a pause names it."""
        return f"worker:{self.node}"


def give_report(redis: Redis, node: str, content: Mapping[str, Any]) -> None:
    """Raises redis.exceptions.RedisError, as all of these do."""
    with redis.pipeline(transaction=False) as pipe:
        pipe.set(_key(node), json.dumps(content), px=KEPT_SECONDS * 1000)
        pipe.sadd(NODES, node)
        pipe.execute()


def take_report_back(redis: Redis, node: str) -> None:
    """Of a process that ends as it should."""
    redis.srem(NODES, node)
    redis.delete(_key(node))


def reports(redis: Redis) -> list[Report]:
    """By name; silent ones too."""
    members = cast("set[bytes]", redis.smembers(NODES))
    nodes = sorted(node.decode() for node in members)
    with redis.pipeline(transaction=False) as pipe:
        for node in nodes:
            pipe.get(_key(node))
            pipe.pttl(_key(node))
        answers = pipe.execute()
    found, gone = [], []
    for node, content, left in zip(nodes, answers[::2], answers[1::2], strict=True):
        if content is None:
            gone.append(node)
        else:
            found.append(_report(node, json.loads(content), KEPT_SECONDS - left / 1000))
    if gone:
        redis.srem(NODES, *gone)
    return found


def _report(node: str, content: dict[str, Any], silent_seconds: float) -> Report:
    """Unknown fields are of another version."""
    known = {name: value for name, value in content.items() if name in Report.__dataclass_fields__}
    known["queues"] = tuple(known.get("queues", ()))
    known["trainings"] = tuple((job, attempt) for job, attempt in known.get("trainings", ()))
    return Report(**{**known, "node": node, "silent_seconds": max(0.0, silent_seconds)})


def _key(node: str) -> str:
    return f"sophora:report:{node}"
