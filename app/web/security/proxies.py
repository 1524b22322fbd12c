"""A request's origin, as far as it can be trusted.

A proxy records the client in `X-Forwarded-For`, and its scheme in `X-Forwarded-Proto`; but anybody can send these headers. Both
are used only if the peer is a proxy listed in SOPHORA_TRUSTED_PROXIES. Uvicorn's own handling of these headers stays off.
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import Scope

from app.core.config import get_settings

Network = IPv4Network | IPv6Network
# The prefix assigned to a household or host: its owner controls every address in it.
IPV6_PREFIX = 64


def client_address(scope: Scope) -> str:
    """The browser's address: the last one in X-Forwarded-For that is not a trusted proxy's, read from the right; otherwise the
    peer's.

    Entries further to the left were sent by the client and cannot be trusted.
    """
    peer = scope["client"][0] if scope.get("client") else "unknown"
    believed = _address(peer)
    if believed is None:
        return peer
    hops = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")
    while hops and _is_trusted(believed):
        hop = _address(hops.pop().strip())
        if hop is None:
            break
        believed = hop
    return str(believed)


def client_network(scope: Scope) -> str:
    """The unit of rate limits: an IPv4 address, or the /64 of an IPv6 address."""
    address = client_address(scope)
    parsed = _address(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((int(parsed), IPV6_PREFIX), strict=False))
    return address


def client_scheme(scope: Scope) -> str:
    """The browser's scheme, http or https, according to the nearest proxy if that is trusted."""
    peer = _address(scope["client"][0]) if scope.get("client") else None
    said = Headers(scope=scope).get("x-forwarded-proto", "").rpartition(",")[2].strip().lower()
    return said if said in {"http", "https"} and peer and _is_trusted(peer) else scope["scheme"]


def forwarded_host(scope: Scope) -> str:
    """The requested host according to the nearest proxy if that is trusted; otherwise empty."""
    peer = _address(scope["client"][0]) if scope.get("client") else None
    said = Headers(scope=scope).get("x-forwarded-host", "").rpartition(",")[2].strip()
    return said if peer and _is_trusted(peer) else ""


@lru_cache
def _networks(setting: str) -> tuple[Network, ...]:
    """Parses a list such as `10.0.0.1, 172.16.0.0/12`."""
    return tuple(ip_network(part.strip()) for part in setting.split(",") if part.strip())


def _is_trusted(address: IPv4Address | IPv6Address) -> bool:
    return any(address in network for network in _networks(get_settings().trusted_proxies))


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """An IPv4-mapped IPv6 address (::ffff:10.0.0.1) becomes the IPv4 address. A port is dropped."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        parsed = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed
