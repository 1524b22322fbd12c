"""Small types shared by content files."""

from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)]


class Strict(BaseModel):
    """Parsed from a hand-written file: an unknown key is an error worth reporting."""

    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))


NO_LANGUAGE = "no_language"


class InTwoLanguages(Strict):
    """`zh`, `en`, or both: a missing one is empty, and its readers are shown the other text."""

    zh: str = ""
    en: str = ""

    @model_validator(mode="after")
    def is_written_in_one(self) -> "InTwoLanguages":
        if not self.zh.strip() and not self.en.strip():
            raise PydanticCustomError(NO_LANGUAGE, "this text is needed in Chinese, in English, or in both")
        return self


class Bilingual(InTwoLanguages):
    @property
    def written(self) -> dict[str, str]:
        """The languages that it has, with its text."""
        return {language: words for language, words in (("zh", self.zh), ("en", self.en)) if words}


class Term(InTwoLanguages):
    key: Slug
    definition: Bilingual
