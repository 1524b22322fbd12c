from typing import Annotated

from app.guestbook.models import LONGEST
from pydantic import Field

from app.web.forms import Form


class LineForm(Form):
    line: Annotated[str, Field(min_length=1, max_length=LONGEST)]
