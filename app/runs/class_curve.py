"""The curve of a lab: everybody's finished trainings as points over the setting that matters. Without names."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.classes.models import ClassMember
from app.classes.queries import classmates
from app.core.errors import NotFound
from app.core.i18n import gettext as _
from app.core.text import Bilingual
from app.courses.service import edition_of, lesson_address, open_lesson
from app.jobs.comparison.presenters import METRICS
from app.labs.curves import Axes, curve_axes
from app.labs.service import is_share, offered_recipe, starting_values
from app.recipes.recipe import Hyperparameter, Recipe
from app.runs.models import CurvePoint

# Fewer could be told apart.
FEWEST_PEOPLE = 5
# The latest ones: a curve costs the same for a hundred trainings and a hundred thousand.
MOST_POINTS = 400
WIDTH, HEIGHT = 420, 240
LEFT, RIGHT, TOP, BOTTOM = 52, 404, 12, 206
# Beyond this ratio of the largest to the smallest value the axis is logarithmic.
LOG_RATIO = 20
MOST_TICKS = 6


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    is_own: bool


@dataclass(frozen=True)
class Band:
    """A measured range of the lab, at a value that the reader has tried."""

    x: float
    top: float
    height: float


@dataclass(frozen=True)
class CurveRow:
    """The trainings with one value of the setting, in words."""

    value: str | bool | Bilingual
    count: int
    own: int
    low: str
    middle: str
    high: str


@dataclass(frozen=True)
class ClassCurve:
    lab: Mapping[str, Any]
    address: str
    setting: Hyperparameter
    metric: str
    metric_label: str | Bilingual
    agrees: bool
    people: int
    points: Sequence[Point] = ()
    bands: Sequence[Band] = ()
    rows: Sequence[CurveRow] = ()
    ticks_x: Sequence[tuple[float, str]] = ()
    ticks_y: Sequence[tuple[float, str]] = ()

    @property
    def is_shown(self) -> bool:
        return self.people >= FEWEST_PEOPLE


def lab_curve(session: Session, user: User, course: str, slug: str, key: str) -> ClassCurve:
    """Raises NotFound for a lab that the user does not see, that is no longer offered, or in which nothing can be varied."""
    opened = open_lesson(session, course, slug, user)
    lab = edition_of(session, opened).labs.get(key)
    recipe = offered_recipe(lab["recipe"], lab) if lab else None
    if lab is None or recipe is None:
        raise NotFound
    address = f"{lesson_address(opened.lesson.course, opened.lesson)}#lab-{key}"
    found = class_curve(session, user, opened.lesson.id, lab, recipe, address)
    if found is None:
        raise NotFound
    return found


def class_curve(
    session: Session, user: User, lesson_id: UUID, lab: Mapping[str, Any], recipe: Recipe, address: str
) -> ClassCurve | None:
    """None for a lab in which nothing can be varied. With fewer than FEWEST_PEOPLE there are no points."""
    axes = curve_axes(lab, recipe)
    if axes is None:
        return None
    setting = next(each for each in recipe.hyperparameters if each.name == axes.setting)
    found = _points(session, user, lesson_id, lab["key"], axes)
    runs = [
        (value, row.result, row.user_id == user.id)
        for row in found
        if (value := _typed(setting, row.value)) is not None
    ]
    people = len({row.user_id for row in found}) if runs else 0
    label = metric_label(axes.metric, recipe)
    empty = ClassCurve(lab, address, setting, axes.metric, label, user.shares_results, people)
    if not empty.is_shown:
        return empty
    return _drawn(empty, runs, recipe)


def metric_label(metric: str, recipe: Recipe) -> str | Bilingual:
    """Its name in the reports of every recipe, or of this one."""
    if metric in METRICS:
        return _(METRICS[metric])
    return next((row.label for row in recipe.report if row.metric == metric), metric.replace("_", " "))


def _points(
    session: Session, user: User, lesson_id: UUID, key: str, axes: Axes
) -> Sequence[Row[UUID, str, float, bool]]:
    """Of those who let their trainings count for everybody, and of the reader's classmates.

    Classmates' are there from FEWEST_PEOPLE on, the reader included: of fewer, whoever sees the curve with and without them would know whose
    they are.
    """
    statement = (
        select(CurvePoint.user_id, CurvePoint.value, CurvePoint.result, User.shares_results)
        .join(User, User.id == CurvePoint.user_id)
        .where(
            CurvePoint.lesson_id == lesson_id,
            CurvePoint.lab_key == key,
            CurvePoint.setting == axes.setting,
            CurvePoint.metric == axes.metric,
            or_(
                User.shares_results,
                CurvePoint.user_id.in_(select(ClassMember.user_id).where(classmates(user.id))),
            ),
        )
    )
    latest = statement.order_by(CurvePoint.finished_at.desc(), CurvePoint.job_id.desc())
    found = session.execute(latest.limit(MOST_POINTS)).all()
    mates = {row.user_id for row in found if not row.shares_results and row.user_id != user.id}
    return found if len(mates) >= FEWEST_PEOPLE - 1 else [row for row in found if row.user_id not in mates]


def _typed(setting: Hyperparameter, text: str) -> Any:
    """None for a value of before the recipe changed the setting's kind."""
    if setting.kind in {"integer", "number"}:
        try:
            return float(text)
        except ValueError:
            return None
    return text == "True" if setting.kind == "boolean" else text


def _drawn(empty: ClassCurve, runs: Sequence[tuple[Any, float, bool]], recipe: Recipe) -> ClassCurve:
    setting, metric = empty.setting, empty.metric
    values = sorted({value for value, _, _ in runs}, key=_order(setting))
    bands = _ranges(empty.lab, recipe, setting.name, metric, {value for value, _, is_own in runs if is_own})
    x_of = _across(setting, values)
    results = [result for _, result, _ in runs] + [edge for _, *edges in bands for edge in edges]
    y_of, ticks_y = _down(metric, results)
    return replace(
        empty,
        points=[Point(x_of[value], y_of(result), is_own) for value, result, is_own in runs],
        bands=[
            Band(x_of[value] - 7, y_of(high), max(2.0, round(y_of(low) - y_of(high), 1)))
            for value, low, high in bands
        ],
        rows=[_row(setting, metric, value, runs) for value in values],
        ticks_x=[(x_of[value], setting.as_text(_own_kind(setting, value))) for value in _some(values)],
        ticks_y=ticks_y,
    )


def _order(setting: Hyperparameter) -> Any:
    places = {option.value: number for number, option in enumerate(setting.choices)}
    return lambda value: places.get(value, len(places)) if setting.kind == "choice" else value


def _some(values: Sequence[Any]) -> Sequence[Any]:
    """At most MOST_TICKS of them, the first and the last among them."""
    if len(values) <= MOST_TICKS:
        return values
    return [values[round(number * (len(values) - 1) / (MOST_TICKS - 1))] for number in range(MOST_TICKS)]


def _across(setting: Hyperparameter, values: Sequence[Any]) -> dict[Any, float]:
    """Numbers by their size, or its logarithm; choices side by side."""
    if setting.kind in {"integer", "number"} and len(values) > 1:
        scaled = math.log if values[0] > 0 and values[-1] / values[0] > LOG_RATIO else float
        low, high = scaled(values[0]), scaled(values[-1])
        places = {value: (scaled(value) - low) / (high - low) for value in values}
    else:
        places = {value: (number + 0.5) / len(values) for number, value in enumerate(values)}
    return {value: round(LEFT + 12 + (RIGHT - LEFT - 24) * place, 1) for value, place in places.items()}


def _down(metric: str, results: Sequence[float]) -> tuple[Any, list[tuple[float, str]]]:
    low, high = min(results), max(results)
    scaled = math.log if not is_share(metric) and low > 0 and high / low > LOG_RATIO else float
    bottom, top = scaled(low), scaled(high)
    if top - bottom < 1e-9:
        bottom, top = bottom - 0.05 * (abs(bottom) or 1), top + 0.05 * (abs(top) or 1)

    def place(value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (scaled(value) - bottom) / (top - bottom), 1)

    unscaled = math.exp if scaled is math.log else float
    steps = [unscaled(bottom + part * (top - bottom) / 3) for part in range(4)]
    return place, [(place(step), _in_words(metric, step)) for step in steps]


def _ranges(
    lab: Mapping[str, Any], recipe: Recipe, setting: str, metric: str, tried: set[Any]
) -> list[tuple[Any, float, float]]:
    """(value, lowest, highest) of what was measured beforehand, where only this setting was changed, and the reader has tried it."""
    start = starting_values(recipe, lab).get(setting)
    found = []
    for part in lab.get("ranges") or ():
        value = part["when"].get(setting, start)
        if part.get("metric") == metric and set(part["when"]) <= {setting} and value in tried:
            found.append((value, part["low"], part["high"]))
    return found


def _row(
    setting: Hyperparameter, metric: str, value: Any, runs: Sequence[tuple[Any, float, bool]]
) -> CurveRow:
    results = sorted(result for each, result, _ in runs if each == value)
    own = sum(is_own for each, _, is_own in runs if each == value)
    words = value if isinstance(value, bool) else setting.as_words(_own_kind(setting, value))
    low, middle, high = (_in_words(metric, each) for each in (results[0], median(results), results[-1]))
    return CurveRow(words, len(results), own, low, middle, high)


def _own_kind(setting: Hyperparameter, value: Any) -> Any:
    return int(value) if setting.kind == "integer" else value


def _in_words(metric: str, value: float) -> str:
    return f"{100 * value:.1f}%" if is_share(metric) else f"{value:.3g}"
