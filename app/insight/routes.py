from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from app.accounts.dependencies import CurrentUser, user_rate_limit
from app.insight import presenters
from app.web.dependencies import Db
from app.web.templating import render

router = APIRouter(prefix="/classes/{class_id}")
# It reads what all students of a class have done.
limit = [Depends(user_rate_limit("insight", "60/minute"))]


@router.get("/insight", dependencies=limit)
def insight_page(request: Request, session: Db, user: CurrentUser, class_id: UUID) -> Response:
    return render(request, "insight/page.html", page=presenters.insight_page(session, user, class_id))


@router.get("/progress.csv", dependencies=limit)
def progress_csv(session: Db, user: CurrentUser, class_id: UUID) -> Response:
    return _csv("progress", presenters.progress_csv(session, user, class_id))


@router.get("/questions.csv", dependencies=limit)
def questions_csv(session: Db, user: CurrentUser, class_id: UUID) -> Response:
    return _csv("questions", presenters.questions_csv(session, user, class_id))


@router.get("/grades.csv", dependencies=limit)
def grades_csv(session: Db, user: CurrentUser, class_id: UUID) -> Response:
    return _csv("grades", presenters.grades_csv(session, user, class_id))


def _csv(name: str, text: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.csv"',
        "Cache-Control": "private, no-store",
    }
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)
