"""Limits for sign-in attempts, and what the log says of them. Only failures count.

An attempt is counted before the password is checked, and uncounted if it was right: a hundred simultaneous attempts count as a
hundred. For a browser known to the account (see `app.web.security.known_browsers`), only its own limit applies.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from limits import RateLimitItem, parse
from structlog import get_logger

from app.accounts.service import name_key
from app.core.errors import TooManyRequests
from app.core.signing import signature
from app.web.forms import posted_fields
from app.web.security.known_browsers import known_browser
from app.web.security.proxies import client_address, client_network
from app.web.security.rate_limit import check, hit, is_rate_limit, take_back

# Wrong passwords from a browser known to the account.
FROM_KNOWN_BROWSER = parse("20/10minutes")
# All attempts from one address, as a class makes many mistakes; then those at one name, from one address and in total.
FROM_ADDRESS = parse("300/minute")
AT_NAME_FROM_ADDRESS = parse("20/10minutes")
AT_NAME = parse("300/hour")
# Each sign-in costs a password hash, even a right one. Only someone who knows the password can use this up.
RIGHT_PASSWORDS = parse("120/hour")

# The limit's name, the limit, and the key it counts by.
Count = tuple[str, RateLimitItem, str]

log = get_logger()


@dataclass
class SignInTry:
    """One submission of the sign-in form, counted. The route reports the outcome."""

    name: str
    address: str
    counts: list[Count]

    @property
    def right_passwords(self) -> Count:
        return ("sign-in-right", RIGHT_PASSWORDS, self.name)

    def count(self) -> None:
        """Raises TooManyRequests. A refused attempt counts no further: one address cannot lock a name for everyone else."""
        try:
            check(*self.right_passwords)
            for one in self.counts:
                hit(*one)
        except TooManyRequests:
            log.warning("sign-in refused by a limit", name=self.name, address=self.address)
            raise

    def failed(self) -> None:
        log.warning("sign-in failed", name=self.name, address=self.address)

    def succeeded(self, user_id: UUID) -> None:
        self._take_back()
        log.info("signed in", user=str(user_id), address=self.address)

    def was_right(self, user_id: UUID) -> None:
        """The password was right but nobody is signed in: the account is suspended."""
        self._take_back()
        log.info("sign-in to a suspended account", user=str(user_id), address=self.address)

    def _take_back(self) -> None:
        for one in self.counts:
            take_back(*one)
        with suppress(TooManyRequests):  # many at once: the next attempt is refused
            hit(*self.right_passwords)


@is_rate_limit
def sign_in_try(request: Request, fields: Annotated[dict[str, str], Depends(posted_fields)]) -> SignInTry:
    """A dependency: this request's attempt. Raises TooManyRequests."""
    key = name_key(fields.get("name", "").strip())
    name, network, browser = fingerprint(key), client_network(request.scope), known_browser(request, key)
    if browser is not None:
        counts = [("sign-in-known-browser", FROM_KNOWN_BROWSER, browser)]
    else:
        counts = [
            ("sign-in", FROM_ADDRESS, network),
            ("sign-in-from-address", AT_NAME_FROM_ADDRESS, f"{network} {name}"),
            ("sign-in-name", AT_NAME, name),
        ]
    attempt = SignInTry(name, client_address(request.scope), counts)
    attempt.count()
    return attempt


def fingerprint(key: str) -> str:
    """The identifier of a typed name in the log and in Redis: now and then the name is a password typed into the wrong field."""
    text = b"typed name|" + key.encode("utf-8", "surrogatepass")
    return signature(text).hex()[:16]
