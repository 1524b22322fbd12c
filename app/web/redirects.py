"""Safe redirect targets."""

from urllib.parse import urlsplit


def safe_target(target: str) -> str:
    """`target` if it is a path on this site, otherwise the home page: prevents open redirects."""
    try:
        parts = urlsplit(target)
    except ValueError:  # half an IPv6 address, for example
        return "/"
    is_local = (
        target.startswith("/")
        and not target.startswith(("//", "/\\"))
        and not parts.scheme
        and not parts.netloc
    )
    return target if is_local and "\\" not in target and target.isprintable() else "/"
