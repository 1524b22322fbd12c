from fastapi import APIRouter, Request, Response

from app.accounts.dependencies import CurrentUser, Db
from app.courses import queries, service
from app.jobs.queries import jobs_of
from app.jobs.recipes import all_recipes
from app.progress.pages import ProgressPage
from app.templating import render

router = APIRouter()
LATEST_JOBS = 10


@router.get("/progress")
def progress_page(request: Request, session: Db, user: CurrentUser) -> Response:
    courses = [service.course_page(session, course, user) for course in queries.courses(session)]
    page = ProgressPage(courses, jobs_of(session, user.id, limit=LATEST_JOBS))
    return render(request, "progress/page.html", page=page, recipes=all_recipes())
