from typing import Annotated

from pydantic import Field

from app.web.forms import Form


class PlaceForm(Form):
    """A reading position: a heading's anchor, and the fraction (0 to 1) of its section scrolled past."""

    anchor: Annotated[str, Field(min_length=1, max_length=200)]
    fraction: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
