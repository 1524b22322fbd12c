"""Types of path, query, form and JSON values: each with its range, not only its kind.

Databases and calendars have limits: PostgreSQL's integers end at 32 bits, Python's dates at the years 1 and 9999 (a zone offset
leads beyond), number parsers at some thousand digits. A test checks that every parameter and form field of every route uses
one of these, or has bounds of its own.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from annotated_types import Ge, Le, MaxLen
from pydantic import AfterValidator

from app.core.i18n import gettext as _

FIRST_YEAR, LAST_YEAR = 1970, 2199
LARGEST_NUMBER = 2**31 - 1
MOST_PAGES = 100_000
LONGEST_TARGET = 2000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _within_years(moment: datetime) -> datetime:
    if not FIRST_YEAR < moment.year < LAST_YEAR:
        raise ValueError(
            _("Please choose a day between the years {first} and {last}.").format(
                first=FIRST_YEAR + 1, last=LAST_YEAR - 1
            )
        )
    return moment


def cut_to(most: int) -> Any:
    """A typed text, cut to this many characters."""
    return AfterValidator(lambda text: text[:most])


# Beyond the last page means the last page, before the first one the first.
PageNumber = Annotated[int, AfterValidator(lambda number: min(max(number, 1), MOST_PAGES))]
Number = Annotated[int, Ge(0), Le(LARGEST_NUMBER)]
Year = Annotated[int, Ge(FIRST_YEAR), Le(LAST_YEAR)]
Day = Annotated[date, Ge(date(FIRST_YEAR, 1, 1)), Le(date(LAST_YEAR, 12, 31))]
within_years = AfterValidator(_within_years)
# With or without a zone; the extreme years are excluded, so that one may be added.
Moment = Annotated[datetime, within_years]
# Keys, states and the like, created by us: a longer one is not ours.
Word = Annotated[str, MaxLen(80)]
Token = Annotated[str, MaxLen(120)]
# A position in a list or a stream.
Place = Annotated[str, MaxLen(160)]
# Where to go afterwards.
Target = Annotated[str, AfterValidator(lambda target: target if len(target) <= LONGEST_TARGET else "/")]


def number_from(text: str, *, otherwise: int) -> int:
    """A whole number from user input, at most nine digits."""
    return int(text) if text.isdecimal() and len(text) < 10 else otherwise


def moment_from(microseconds: str) -> datetime:
    """From an address: microseconds since 1970. Raises ValueError if out of range."""
    if len(microseconds) > 20:
        raise ValueError("expected at most 20 digits")
    try:
        return _within_years(_EPOCH + timedelta(microseconds=int(microseconds)))
    except OverflowError as error:
        raise ValueError("expected a moment of these centuries") from error
