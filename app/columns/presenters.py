"""Presenters of the import pages."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.columns import queries
from app.columns.pages import ImportReportPage, ReadFile
from app.columns.upload import Outcome, Upload


def import_report_page(session: Session, upload: Upload) -> ImportReportPage:
    outcomes: Sequence[Outcome | None] = upload.outcomes or [None] * len(upload.files)
    read = [
        ReadFile(file.name, column, outcome)
        for file, column, outcome in zip(upload.files, upload.columns(), outcomes, strict=True)
    ]
    return ImportReportPage(upload, read, queries.courses(session))
