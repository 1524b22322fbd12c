"""The fields of a form in which several values are typed."""

from collections.abc import Mapping

from app.jobs.sweeps.axes import FIELDS, TypedAxis


def read_axes(fields: Mapping[str, str]) -> tuple[TypedAxis, TypedAxis]:
    first, second = (
        TypedAxis(fields.get(name, "").strip(), fields.get(values, "")) for name, values in FIELDS
    )
    return first, second
