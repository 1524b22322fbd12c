from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from app.core.i18n import catalogue, current_language, gettext, in_language, language_tag, ngettext
from app.core.text import Bilingual
from app.web.templating import day, decimal, duration, embed, environment, filesize, moment, percent


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    token = current_language.set("en")
    yield
    current_language.reset(token)


@pytest.mark.parametrize(("language", "text"), [("en", "Sent. Really."), ("zh", "已发送。真的。")])
def test_two_sentences_stand_together_as_the_language_has_them(language: str, text: str) -> None:
    token = current_language.set(language)
    second = {"en": "Really.", "zh": "真的。"}[language]
    drawn = environment().from_string('{{ _("Sent.") }}{{ gap() }}{{ second }}').render(second=second)
    current_language.reset(token)
    assert drawn == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"), (0, "0 s"), (0.4, "0 s"), (0.6, "1 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (60, "1 min 0 s"), (185, "3 min 5 s"), (3599, "59 min 59 s"),
        (3600, "1 h 0 min"), (7800, "2 h 10 min"), (-5, "0 s"), (90000, "25 h 0 min"),
    ],
)  # fmt: skip
def test_a_duration_is_said_as_people_say_it(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


def test_a_duration_is_said_in_the_readers_language() -> None:
    current_language.set("zh")
    assert duration(185) == gettext("{minutes} min {seconds} s").format(minutes=3, seconds=5)
    assert duration(185) != "3 min 5 s"


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (None, 1, "–"),
        (0.9873, 1, "98.7%"),
        (0.9873, 2, "98.73%"),
        (1, 0, "100%"),
        (0, 1, "0.0%"),
        (0.99999, 1, "100.0%"),
    ],
)
def test_a_share_is_written_as_percent(value: float | None, digits: int, text: str) -> None:
    assert percent(value, digits) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0.043219, "0.04322"), (2.302585, "2.303"), (0, "0"), (1234567, "1.235e+06")],
)
def test_a_number_has_four_digits_that_count(value: float | None, text: str) -> None:
    assert decimal(value) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (2048, "2 KB"), (1024 * 1024, "1.0 MB"), (5_500_000, "5.2 MB"), (3 * 2**30, "3.0 GB")],
)
def test_a_files_size_is_said_in_a_unit_that_fits(size: int, text: str) -> None:
    assert filesize(size) == text


def test_a_moment_is_an_element_that_the_page_can_put_into_the_readers_zone() -> None:
    assert moment(datetime(2026, 3, 1, 12, 30, tzinfo=UTC)) == Markup(
        '<time datetime="2026-03-01T12:30:00+00:00">1 Mar 2026, 12:30 UTC</time>'
    )
    assert moment(None) == "–"


@pytest.mark.parametrize(
    ("language", "said", "with_time"),
    [("en", "7 Sept 2026", "7 Sept 2026, 06:05"), ("zh", "2026年9月7日", "2026年9月7日 06:05")],
)
def test_dates_and_times_have_one_form_in_each_language(language: str, said: str, with_time: str) -> None:
    token = current_language.set(language)
    found = day(date(2026, 9, 7)), moment(datetime(2026, 9, 7, 6, 5, tzinfo=UTC))
    current_language.reset(token)
    assert found == (
        f'<time datetime="2026-09-07">{said}</time>',
        f'<time datetime="2026-09-07T06:05:00+00:00">{with_time} UTC</time>',
    )


def test_embedded_data_cannot_leave_its_script_element() -> None:
    text = embed({"a": "</script><!-- & 槐"})
    assert "<" not in text
    assert ">" not in text
    assert "&" not in text
    assert "槐" in text


def test_a_name_that_a_template_mistypes_is_an_error_and_not_an_empty_place() -> None:
    with pytest.raises(UndefinedError):
        environment().from_string("{{ page.titel }}").render(page={"title": "x"})


def test_what_a_template_shows_is_escaped() -> None:
    assert environment().from_string("{{ name }}").render(name="<b>") == "&lt;b&gt;"


def test_a_pair_of_texts_is_shown_in_the_readers_language_and_else_in_chinese() -> None:
    pair = {"zh": "槐", "en": "pagoda tree"}
    assert in_language(pair) == "pagoda tree"
    assert in_language(Bilingual(**pair)) == "pagoda tree"
    assert in_language({"zh": "槐", "en": ""}) == "槐"
    current_language.set("zh")
    assert in_language(pair) == "槐"


def test_the_language_tag_is_one_that_browsers_know() -> None:
    assert language_tag() == "en"
    current_language.set("zh")
    assert language_tag() == "zh-Hans"


def test_chinese_is_the_language_of_who_has_not_chosen() -> None:
    import contextvars

    assert contextvars.Context().run(language_tag) == "zh-Hans"


def test_english_tells_one_from_many_and_chinese_does_not() -> None:
    assert ngettext("%(num)s lesson", "%(num)s lessons", 1) == "%(num)s lesson"
    assert ngettext("%(num)s lesson", "%(num)s lessons", 2) == "%(num)s lessons"
    current_language.set("zh")
    assert ngettext("%(num)s lesson", "%(num)s lessons", 1) == ngettext(
        "%(num)s lesson", "%(num)s lessons", 2
    )


def test_every_placeholder_of_a_sentence_stands_in_its_translation() -> None:
    """A translation that loses a placeholder, or names another, would show nonsense or fail."""
    import re

    from babel.messages.pofile import read_po

    from app.core.config import ROOT

    placeholder = re.compile(r"%\(\w+\)s|\{\w+\}")
    faults = []
    for path in Path(ROOT / "locales").glob("*/LC_MESSAGES/messages.po"):
        with path.open("rb") as file:
            for message in read_po(file):
                if not message.id or message.fuzzy:
                    continue
                originals = message.id if isinstance(message.id, tuple) else (message.id,)
                strings = message.string if isinstance(message.string, tuple) else (message.string,)
                wanted = {name for text in originals for name in placeholder.findall(text)}
                faults += [
                    f"{path.parent.parent.name}: {text!r}"
                    for text in strings
                    if text and set(placeholder.findall(text)) - wanted
                ]
                if len(originals) == 1 and strings[0] and set(placeholder.findall(strings[0])) != wanted:
                    faults.append(f"{path.parent.parent.name}: {originals[0]!r}")
    assert faults == []


def test_the_catalogue_is_compiled_and_found() -> None:
    assert catalogue("zh").gettext("Sign in") != "Sign in"
