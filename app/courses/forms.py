from typing import Annotated

from pydantic import Field

from app.web.forms import Form


class PlaceForm(Form):
    """Where a reader is: a heading's anchor, and the share (0 to 1) of its section that has gone by."""

    anchor: Annotated[str, Field(min_length=1, max_length=200)]
    fraction: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
