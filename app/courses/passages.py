"""Where the lessons explain what the verdict on a training says."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.i18n import gettext as _
from app.courses import queries
from app.courses.service import lesson_address
from app.jobs.verdict.run import Kind
from app.jobs.verdict.words import TITLES

# By lesson and heading; the first is taken where the training's own lesson is none of them.
PASSAGES: Mapping[Kind, Sequence[tuple[str, str]]] = {
    Kind.DIVERGING: (("08-optimizers", "rate"), ("04-linear-regression", "scaling")),
    Kind.DEAD_UNITS: (("05-neuron-activation", "pitfalls"), ("08-optimizers", "pitfalls")),
    Kind.ONE_CLASS: (("10-metrics", "imbalance"), ("07-backprop", "init")),
    Kind.SMALL_RATE: (("08-optimizers", "rate"), ("04-linear-regression", "scaling")),
    Kind.FEW_EXAMPLES: (("09-overfitting", "memorise"),),
    Kind.OVERFITTING: (("09-overfitting", "curves"),),
    Kind.STILL_FALLING: (("04-linear-regression", "curves"), ("09-overfitting", "curves")),
    Kind.BELOW_BASELINE: (("01-learning-from-data", "accuracy"), ("10-metrics", "imbalance")),
    Kind.AT_BASELINE: (("01-learning-from-data", "accuracy"), ("05-neuron-activation", "collapse")),
    Kind.LUCKY_VALIDATION: (("09-overfitting", "remedies"),),
    Kind.HEALTHY: (("09-overfitting", "three-sets"),),
}


def passage_address(session: Session, kind: Kind, lesson_id: UUID | None = None) -> str:
    """Of the passage that explains a verdict, in the lesson `lesson_id` if that has one; without these lessons, of a search for it."""
    anchors = dict(PASSAGES[kind])
    lessons = queries.lessons_by_slug(session, list(anchors))
    if not lessons:
        return f"/search?{urlencode({'q': _(TITLES[kind])})}"
    order = list(anchors)
    chosen = min(lessons, key=lambda each: (each.id != lesson_id, order.index(each.slug)))
    return f"{lesson_address(chosen.course, chosen)}#{anchors[chosen.slug]}"
