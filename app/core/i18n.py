"""Two languages: `zh` (zh_Hans, the default) and `en`.

The msgids are English. `gettext` translates into the language of the current request, which a middleware sets.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from babel.dates import format_date, format_datetime, get_month_names
from babel.support import NullTranslations, Translations

from app.core.config import ROOT
from app.core.text import Bilingual

LANGUAGES = {"zh": "zh_Hans", "en": "en"}
DEFAULT_LANGUAGE = "zh"

current_language: ContextVar[str] = ContextVar("current_language", default=DEFAULT_LANGUAGE)


@lru_cache
def catalogue(language: str) -> NullTranslations:
    """English has none, as its texts are the msgids themselves."""
    return Translations.load(ROOT / "locales", [LANGUAGES[language]])


def load() -> None:
    """Read the catalogues and Babel's locale data now rather than on first use."""
    for language, name in LANGUAGES.items():
        catalogue(language)
        get_month_names(locale=name)
    get_month_names(locale=_DATE_LOCALES["en"])


def gettext(msgid: str) -> str:
    return catalogue(current_language.get()).gettext(msgid)


def ngettext(singular: str, plural: str, count: int) -> str:
    return catalogue(current_language.get()).ngettext(singular, plural, count)


def N_(msgid: str) -> str:
    """Mark a msgid for extraction; it is translated where it is shown."""
    return msgid


def in_language(texts: Mapping[str, str] | Bilingual) -> str:
    """The text in the reader's language; the other one if it was written in that language only."""
    pair = texts.model_dump() if isinstance(texts, Bilingual) else texts
    return pair.get(current_language.get()) or pair.get(shown_language(pair)) or ""


def shown_language(texts: Mapping[str, Any] | Bilingual) -> str:
    """The language the reader is shown: their own, or the only one that exists."""
    pair = texts.model_dump() if isinstance(texts, Bilingual) else texts
    own = current_language.get()
    return next((language for language in (own, *LANGUAGES) if pair.get(language)), own)


# One format of dates and times per language; static/js/local-time.js uses the same.
_DAYS = {"zh": "y年M月d日", "en": "d MMM y"}
_MOMENTS = {"zh": "y年M月d日 HH:mm", "en": "d MMM y, HH:mm"}
_DATE_LOCALES = {"zh": "zh_Hans", "en": "en_GB"}


def day_words(day: date) -> str:
    """30 Nov 2026, or 2026年11月30日."""
    language = current_language.get()
    return str(format_date(day, _DAYS[language], locale=_DATE_LOCALES[language]))


def moment_words(moment: datetime) -> str:
    """30 Nov 2026, 17:05, or 2026年11月30日 17:05; in the zone of `moment`."""
    language = current_language.get()
    return str(
        format_datetime(moment, _MOMENTS[language], tzinfo=moment.tzinfo, locale=_DATE_LOCALES[language])
    )


def language_tag(language: str | None = None) -> str:
    """The BCP 47 tag for the `lang` attribute; of the reader's language if none is given."""
    return "en" if (language or current_language.get()) == "en" else "zh-Hans"
