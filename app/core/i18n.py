"""Two languages: `zh` (zh_Hans, the default) and `en`.

English is the language of the msgids. `gettext` speaks the language of the current request, which a middleware sets.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from functools import lru_cache

from babel.dates import get_month_names
from babel.support import NullTranslations, Translations

from app.core.config import ROOT
from app.core.text import Bilingual

LANGUAGES = {"zh": "zh_Hans", "en": "en"}
DEFAULT_LANGUAGE = "zh"

current_language: ContextVar[str] = ContextVar("current_language", default=DEFAULT_LANGUAGE)


@lru_cache
def catalogue(language: str) -> NullTranslations:
    """There is none for English, whose texts are the msgids themselves."""
    return Translations.load(ROOT / "locales", [LANGUAGES[language]])


def load() -> None:
    """Read the catalogues, and what Babel knows of the languages, now and not where they are first asked for."""
    for language, name in LANGUAGES.items():
        catalogue(language)
        get_month_names(locale=name)


def gettext(msgid: str) -> str:
    return catalogue(current_language.get()).gettext(msgid)


def ngettext(singular: str, plural: str, count: int) -> str:
    return catalogue(current_language.get()).ngettext(singular, plural, count)


def N_(msgid: str) -> str:
    """Mark a msgid for extraction; it is translated where it is shown."""
    return msgid


def in_language(texts: Mapping[str, str] | Bilingual) -> str:
    """The reader's of a pair of texts; Chinese where there is no English."""
    pair = texts.model_dump() if isinstance(texts, Bilingual) else texts
    return pair.get(current_language.get()) or pair[DEFAULT_LANGUAGE]


def language_tag() -> str:
    """The BCP 47 tag for the `lang` attribute."""
    return "en" if current_language.get() == "en" else "zh-Hans"
