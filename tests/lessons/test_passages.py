"""What a verdict links to is there, in both languages."""

from app.courses.passages import PASSAGES
from app.jobs.verdict.run import Kind
from tests.lessons.texts import text


def test_every_verdict_has_a_passage_that_exists_in_both_languages():
    assert set(PASSAGES) == set(Kind)
    for kind, passages in PASSAGES.items():
        assert passages
        for lesson, anchor in passages:
            for language in ("zh", "en"):
                assert f"{{#{anchor}}}" in text(lesson, language), (kind, lesson, language)
