"""The site's public address, for links that leave it."""

import re

from fastapi import Request

from app.core.config import get_settings
from app.web.security.proxies import client_scheme, forwarded_host

_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")


def site_address(request: Request) -> str:
    """SOPHORA_PUBLIC_URL if set; otherwise the requested host, as far as it can be trusted. Without a trailing slash."""
    settings = get_settings()
    host = forwarded_host(request.scope) or request.headers.get("host", "")
    if "public_url" in settings.model_fields_set or not _HOST.fullmatch(host):
        return settings.public_url.rstrip("/")
    return f"{client_scheme(request.scope)}://{host}"
