"""Where a request comes from, as far as it can be believed.

A proxy writes who asked it into `X-Forwarded-For`, and how into `X-Forwarded-Proto`; so can anybody who asks without one. Both are
heeded only where the peer is a proxy that SOPHORA_TRUSTED_PROXIES names. Uvicorn's own reading of these headers stays off.
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import Scope

from app.core.config import get_settings

Network = IPv4Network | IPv6Network
# What a household or a host is given as a whole: who has one address of it has all.
IPV6_PREFIX = 64


def client_address(scope: Scope) -> str:
    """The address of the browser: the last one in X-Forwarded-For that is no trusted proxy's, read from the right; else the peer's.

    Whatever stands further left came from the client, who may write what they like.
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
    """What counts as one client in a limit: an IPv4 address, or the /64 of an IPv6 address."""
    address = client_address(scope)
    parsed = _address(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((int(parsed), IPV6_PREFIX), strict=False))
    return address


def client_scheme(scope: Scope) -> str:
    """http or https, as the browser asked: what the nearest proxy says of it, if that one is trusted."""
    peer = _address(scope["client"][0]) if scope.get("client") else None
    said = Headers(scope=scope).get("x-forwarded-proto", "").rpartition(",")[2].strip().lower()
    return said if said in {"http", "https"} and peer and _is_trusted(peer) else scope["scheme"]


def forwarded_host(scope: Scope) -> str:
    """The host that the browser asked for, as the nearest proxy says, if that one is trusted; else empty."""
    peer = _address(scope["client"][0]) if scope.get("client") else None
    said = Headers(scope=scope).get("x-forwarded-host", "").rpartition(",")[2].strip()
    return said if peer and _is_trusted(peer) else ""


@lru_cache
def _networks(setting: str) -> tuple[Network, ...]:
    """Of a list such as `10.0.0.1, 172.16.0.0/12`."""
    return tuple(ip_network(part.strip()) for part in setting.split(",") if part.strip())


def _is_trusted(address: IPv4Address | IPv6Address) -> bool:
    return any(address in network for network in _networks(get_settings().trusted_proxies))


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """An IPv4 address that is written as IPv6 (::ffff:10.0.0.1) is the IPv4 address. A port is left off."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        parsed = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed
