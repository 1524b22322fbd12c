"""Where a form may send its reader afterwards."""

from urllib.parse import urlsplit


def safe_target(target: str) -> str:
    """`target` if it is a path on this site, else the home page: no redirect leads elsewhere."""
    try:
        parts = urlsplit(target)
    except ValueError:  # half an IPv6 address, say
        return "/"
    is_local = (
        target.startswith("/")
        and not target.startswith(("//", "/\\"))
        and not parts.scheme
        and not parts.netloc
    )
    return target if is_local and "\\" not in target and target.isprintable() else "/"
