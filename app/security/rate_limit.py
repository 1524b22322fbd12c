"""Limits on how often one reader may do what costs something. Counted in Redis, a moving window each."""

from collections.abc import Callable
from functools import lru_cache

from fastapi import Request
from limits import RateLimitItem, parse
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError
from structlog import get_logger

from app.clock import now
from app.config import get_settings
from app.redis import get_redis

log = get_logger()


@lru_cache
def _limiter() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(
        RedisStorage(get_settings().redis_url, connection_pool=get_redis().connection_pool)
    )


def client_address(request: Request) -> str:
    """The peer's address. Behind a proxy, run Uvicorn with --proxy-headers and it is the client's."""
    return request.client.host if request.client else "unknown"


def hit(name: str, limit: RateLimitItem, key: str) -> None:
    """Count one use. Raises TooManyRequests past the limit. Without Redis nobody is locked out."""
    from app.errors import TooManyRequests

    if not get_settings().rate_limits:
        return
    try:
        if _limiter().hit(limit, name, key):
            return
        reset = _limiter().get_window_stats(limit, name, key).reset_time
    except RedisError as error:
        log.warning("rate limit not checked", limit=name, error=str(error))
        return
    raise TooManyRequests(seconds=max(1, round(reset - now().timestamp())))


def rate_limit(name: str, limits: str) -> Callable[[Request], None]:
    """A dependency: `Depends(rate_limit("sign-in", "10/minute"))`, counted by address.

    A class often shares one address: see `user_rate_limit` and `reader_rate_limit` in app.accounts.dependencies.
    """
    item = parse(limits)

    def check(request: Request) -> None:
        hit(name, item, client_address(request))

    return check
