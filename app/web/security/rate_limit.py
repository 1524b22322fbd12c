"""Rate limits on costly actions. Counted in Redis, in moving windows."""

from collections.abc import Callable
from functools import lru_cache
from typing import Literal, TypeVar, cast

from fastapi import Request
from limits import RateLimitItem, parse
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError
from structlog import get_logger

from app.core.clock import now
from app.core.config import get_settings
from app.core.errors import TooManyRequests
from app.core.redis import get_redis
from app.web.security.proxies import client_network

Check = TypeVar("Check", bound=Callable[..., object])

log = get_logger()


@lru_cache
def _limiter() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(
        RedisStorage(get_settings().redis_url, connection_pool=get_redis().connection_pool)
    )


def hit(name: str, limit: RateLimitItem, key: str) -> None:
    """Count one use. Raises TooManyRequests past the limit. Without Redis nobody is locked out."""
    _ask("hit", name, limit, key)


def check(name: str, limit: RateLimitItem, key: str) -> None:
    """Raises TooManyRequests if another use would exceed the limit; counts nothing."""
    _ask("test", name, limit, key)


def _ask(question: Literal["hit", "test"], name: str, limit: RateLimitItem, key: str) -> None:
    if not get_settings().rate_limits:
        return
    try:
        if getattr(_limiter(), question)(limit, name, key):
            return
        reset = _limiter().get_window_stats(limit, name, key).reset_time
    except RedisError as error:
        log.warning("rate limit not checked", limit=name, error=str(error))
        return
    raise TooManyRequests(seconds=max(1, round(reset - now().timestamp())))


def site_rate_limit(name: str, limits: str) -> Callable[[], None]:
    """A dependency for what all visitors together may do so often."""
    item = parse(limits)

    def check() -> None:
        hit(name, item, "all")

    return is_rate_limit(check)


def take_back(name: str, limit: RateLimitItem, key: str) -> None:
    """Uncount the newest use. Where only failures count, each use is counted first, so that concurrent ones are counted too."""
    if not get_settings().rate_limits:
        return
    storage = cast(RedisStorage, _limiter().storage)
    try:
        # The newest is first in the list of the moving window.
        get_redis().lpop(storage.prefixed_key(limit.key_for(name, key)))
    except RedisError as error:
        log.warning("rate limit not given back", limit=name, error=str(error))


def is_rate_limit(dependency: Check) -> Check:
    """Marks a dependency that counts uses: a test requires one on every route that changes something."""
    dependency.is_rate_limit = True  # type: ignore[attr-defined] # a mark on a function
    return dependency


def rate_limit(name: str, limits: str) -> Callable[[Request], None]:
    """A dependency: `Depends(rate_limit("sign-in", "10/minute"))`, counted per address.

    A class often shares one address: see `user_rate_limit` and `reader_rate_limit` in app.accounts.dependencies.
    """
    item = parse(limits)

    def check(request: Request) -> None:
        hit(name, item, client_network(request.scope))

    return is_rate_limit(check)
