"""The setting that matters in a lab, and the metric that it changes: the axes of the curve of everybody's trainings."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from app.labs.service import locked_values
from app.recipes.recipe import Recipe


class Axes(NamedTuple):
    setting: str
    metric: str


def curve_axes(lab: Mapping[str, Any], recipe: Recipe) -> Axes | None:
    """What the lab says; otherwise the setting that its measured ranges or its goal vary, and the metric that it asks about.

    None if every setting is fixed.
    """
    curve = lab.get("curve") or {}
    setting = curve.get("setting") or _setting(lab, recipe)
    return Axes(setting, curve.get("metric") or _metric(lab)) if setting in recipe.defaults else None


def _setting(lab: Mapping[str, Any], recipe: Recipe) -> str:
    conditions = (lab.get("goal") or {}).get("conditions", ())
    varied = Counter(name for part in lab.get("ranges") or () for name in part["when"])
    candidates = [
        *(name for name, _count in varied.most_common()),
        *(condition["setting"] for condition in conditions if condition.get("setting")),
        *lab.get("shown", ()),
        *recipe.defaults,
    ]
    locked = {*locked_values(recipe, lab), "seed"}
    return next((name for name in candidates if name not in locked), "")


def _metric(lab: Mapping[str, Any]) -> str:
    conditions = (lab.get("goal") or {}).get("conditions", ())
    asked = [(lab.get("guess") or {}).get("metric"), *(condition.get("metric") for condition in conditions)]
    return next((metric for metric in asked if metric), "test_accuracy")
