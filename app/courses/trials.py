"""What a visitor may train without an account: the first lab of a course's first lesson, as it stands."""

from collections.abc import Mapping
from typing import Any

from app.jobs.guests import may_be_tried
from app.labs.service import offered_recipe


def trial_address(lesson_address: str, labs: Mapping[str, Mapping[str, Any]], key: str) -> str:
    """Where the lab `key` of a first lesson is started by a visitor; "" where it is for members."""
    offered = (name for name, lab in labs.items() if offered_recipe(lab["recipe"], lab))
    is_first = next(offered, None) == key
    return f"{lesson_address}/labs/{key}/trials" if is_first and may_be_tried(labs[key]) else ""
