"""Small types that content files share."""

from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)]


class Strict(BaseModel):
    """Read from a file that people write: an unknown key is a mistake worth naming."""

    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))


class Bilingual(Strict):
    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]


class Term(Strict):
    key: Slug
    zh: str
    en: str
    definition: Bilingual
