"""The editor's forms and request bodies."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, TypeVar
from uuid import UUID

from fastapi import Request
from pydantic import AfterValidator, BaseModel, Field, ValidationError

from app.core.errors import Invalid, TooLarge, Unreadable
from app.core.i18n import gettext as _
from app.core.text import Bilingual
from app.courses.models import CourseState
from app.web.fields import Moment, Number
from app.web.forms import Form
from app.web.security.csrf import checked_form

MOST_CHARACTERS = 400_000
MOST_BODY_BYTES = 6 * 1024 * 1024
# A form without JavaScript sends a Chinese character as nine bytes, %E6%A7%90, and there are four texts.
MOST_FORM_BYTES = 16 * 1024 * 1024

FORM_TYPES = ("multipart/form-data", "application/x-www-form-urlencoded")
FileName = Literal["lesson.toml", "zh.md", "en.md", "quiz.toml"]
# PostgreSQL rejects null characters.
SourceText = Annotated[
    str, Field(max_length=MOST_CHARACTERS), AfterValidator(lambda text: text.replace("\0", "\ufffd"))
]
Title = Annotated[str, Field(max_length=200)]
Sentence = Annotated[str, Field(max_length=1000)]


class Texts(BaseModel):
    sources: dict[FileName, SourceText]

    @property
    def texts(self) -> dict[str, str]:
        """`sources` as a plain dict, for functions that take files of any name."""
        return {str(name): text for name, text in self.sources.items()}


class DraftBody(Texts):
    """Texts based on `version` of the draft."""

    version: Number


class RenderingBody(Texts):
    """All texts as typed, to be rendered in `language`."""

    language: Literal["zh", "en"]


class PresenceBody(BaseModel):
    """`tab` is an identifier chosen by the page; `leaves`: it is being closed."""

    tab: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]
    leaves: bool = False


class DirectionForm(Form):
    direction: Literal["up", "down"]


class ModuleChoiceForm(Form):
    module: UUID


def in_one_language(form: Form, name: str) -> Bilingual:
    """The two fields of a bilingual text, of which one suffices. Raises Invalid at the first."""
    zh, en = getattr(form, f"{name}_zh"), getattr(form, f"{name}_en")
    if not zh and not en:
        raise Invalid({f"{name}_zh": _("Please write it in Chinese, in English, or in both.")})
    return Bilingual(zh=zh, en=en)


class DeletionForm(Form):
    typed: Annotated[str, Field(max_length=80)] = ""


class TitleForm(Form):
    title_zh: Title = ""
    title_en: Title = ""

    @property
    def title(self) -> Bilingual:
        return in_one_language(self, "title")


class CourseForm(TitleForm):
    summary_zh: Sentence = ""
    summary_en: Sentence = ""

    @property
    def summary(self) -> Bilingual:
        return in_one_language(self, "summary")


class NewCourseForm(CourseForm):
    slug: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)]


class CoursePlaceForm(Form):
    direction: Literal["up", "down", "first"]


class CourseStateForm(Form):
    state: CourseState


class ModuleForm(TitleForm):
    slug: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)]


class LessonForm(TitleForm):
    question_zh: Sentence = ""
    question_en: Sentence = ""

    @property
    def question(self) -> Bilingual | None:
        return in_one_language(self, "question") if self.question_zh or self.question_en else None


class DescriptionForm(Form):
    """A description for a picture: the `number`-th without one in `file`, which shows `source`."""

    file: Literal["zh.md", "en.md"]
    number: Number
    source: Annotated[str, Field(max_length=2000)]
    words: Annotated[str, Field(max_length=500)] = ""
    act: Literal["keep", "publish"] = "keep"


class NewLessonForm(LessonForm):
    slug: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)]


class AboutForm(LessonForm):
    """Written on top of `version` of the draft. `has_needs`, `has_figures`: they were offered, so that none is chosen if none is ticked."""

    version: Number
    minutes: Annotated[int, Field(ge=1, le=600)]
    has_needs: bool = False
    has_figures: bool = False


def chosen(values: Mapping[str, str], kind: str) -> list[str]:
    """What is crossed of a list of boxes, each named by its kind and what it stands for: `need-01-start`."""
    return [name.removeprefix(f"{kind}-") for name in values if name.startswith(f"{kind}-")]


class ScheduleForm(Form):
    """`offset` is UTC minus the browser's local time, in minutes; 0 if no script filled it in."""

    publish_at: Moment
    offset: Annotated[int, Field(ge=-24 * 60, le=24 * 60)] = 0

    @property
    def moment(self) -> datetime:
        if self.publish_at.tzinfo:
            return self.publish_at.astimezone(UTC)
        return self.publish_at.replace(tzinfo=UTC) + timedelta(minutes=self.offset)


Body = TypeVar("Body", bound=BaseModel)


async def draft_body(request: Request) -> DraftBody:
    return await _body(request, DraftBody)


async def rendering_body(request: Request) -> RenderingBody:
    return await _body(request, RenderingBody)


async def presence_body(request: Request) -> PresenceBody:
    return await _body(request, PresenceBody)


async def _body(request: Request, kind: type[Body]) -> Body:
    """The request's JSON. Raises Invalid if it is too long or malformed, Unreadable for a form."""
    if request.headers.get("content-type", "").startswith(FORM_TYPES):
        raise Unreadable
    await checked_form(request)
    try:
        content = await request.body()
    except TooLarge:
        raise Invalid({}, _("This lesson is too long to be saved.")) from None
    try:
        return kind.model_validate_json(content)
    except ValidationError:
        raise Invalid(
            {}, _("This lesson is too long to be saved, or it contains characters that cannot be saved.")
        ) from None


def typed_sources(fields: dict[str, str]) -> dict[str, str]:
    """The texts of the form without JavaScript. Forms send CR LF; lessons use LF. Raises Invalid."""
    texts = {
        name: fields[name].replace("\r\n", "\n")
        for name in ("lesson.toml", "zh.md", "en.md", "quiz.toml")
        if name in fields
    }
    try:
        return Texts.model_validate({"sources": texts}).texts
    except ValidationError:
        raise Invalid(
            {}, _("This lesson is too long to be saved, or it contains characters that cannot be saved.")
        ) from None
