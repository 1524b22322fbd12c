"""The language of a first visit."""

import pytest

from app.web.security.headers import accepted_languages, reader_language


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("en-US,en;q=0.9,zh;q=0.8", "en"),
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh"),
        ("fr;q=1.0, en;q=0.4, zh;q=0.3", "en"),
        ("en;q=0.2, ZH-Hans-CN ; q=0.9", "zh"),
        ("en;q=0", "zh"),
        ("fr, de", "zh"),
        ("en;q=nonsense", "zh"),
        ("*", "zh"),
        ("en," * 100, "zh"),
        ("", "zh"),
    ],
)
def test_a_first_visit_is_in_the_language_that_the_browser_asks_for(accepted: str, language: str) -> None:
    scope = {"headers": [(b"accept-language", accepted.encode())]}
    assert reader_language({}, accepted_languages(scope)) == language
    assert reader_language({"language": "none such"}, accepted_languages(scope)) == language
    for chosen in ("zh", "en"):
        assert reader_language({"language": chosen}, accepted_languages(scope)) == chosen
