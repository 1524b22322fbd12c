"""View models of the import pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.columns.column_import import ColumnLesson
from app.columns.upload import Outcome, Upload
from app.courses.models import Course


@dataclass(frozen=True)
class ImportPage:
    """The form for uploading a column's files."""

    errors: Mapping[str, str]
    form_action: str = "/admin/import"


@dataclass(frozen=True)
class ReadFile:
    """An uploaded file as parsed, and, once imported, its outcome."""

    name: str
    column: ColumnLesson
    outcome: Outcome | None

    @property
    def replies(self) -> int:
        return sum(len(comment.replies) for comment in self.column.comments)


@dataclass(frozen=True)
class ImportReportPage:
    """What was found in the uploaded files. Nothing is written as long as `upload.course` is None."""

    upload: Upload
    files: Sequence[ReadFile]
    courses: Sequence[Course]
