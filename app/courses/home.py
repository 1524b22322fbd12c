"""The home page: today's work for a reader, the shortest way to a first training for a visitor."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.i18n import in_language
from app.courses.editions import editions
from app.courses.models import CourseState
from app.courses.outline import Record, course_pages, record_of
from app.courses.pages import CoursePage, FirstLab, GoOn, HomePage, RunningJob
from app.courses.trials import trial_address
from app.jobs import queries as job_queries
from app.jobs.curves import small_curve
from app.labs.service import offered_recipe
from app.recipes.recipe import all_recipes


def home_page(session: Session, user: User | None) -> HomePage:
    record = record_of(session, user)
    pages = course_pages(session, record)
    shown = [page for page in pages if page.course.state == CourseState.SHOWN]
    main = shown[0] if shown else None
    return HomePage(
        main=main,
        others=shown[1:],
        archived=[page for page in pages if page.course.state == CourseState.ARCHIVED],
        go_on=_go_on(session, shown, record) if user else None,
        job=_running_job(session, user) if user else None,
        first_lab=_first_lab(main) if main and not user else None,
    )


def _go_on(session: Session, shown: Sequence[CoursePage], record: Record) -> GoOn | None:
    """In the course read last, otherwise the main one; at the section of the reading position."""
    by_lesson = {
        entry.lesson.id: page for page in shown for module in page.modules for entry in module.lessons
    }
    last = next((by_lesson[lesson_id] for lesson_id in record.latest if lesson_id in by_lesson), None)
    page = next((page for page in (last, *shown) if page and page.next), None)
    if page is None or page.next is None:
        return None
    entry, anchor = page.next, record.latest.get(page.next.lesson.id, "")
    revision_id = entry.lesson.published_revision_id
    if anchor and revision_id:
        edition = editions(session, {revision_id: None})[revision_id]
        for heading in edition.rendering[edition.written_in]["contents"]:
            if heading["anchor"] == anchor:
                return GoOn(page, entry, f"{entry.address}#{anchor}", heading["title"])
    return GoOn(page, entry, entry.address)


def _running_job(session: Session, user: User) -> RunningJob | None:
    found = job_queries.current_job(session, user.id)
    if found is None:
        return None
    job, losses = found
    recipe = all_recipes().get(job.recipe)
    title = in_language(job.lab["title"]) if job.lab else in_language(recipe.title) if recipe else job.recipe
    total = max(1, int(job.hyperparameters.get("epochs", 1)))
    return RunningJob(job, title, len(losses), total, small_curve(losses, total))


def _first_lab(main: CoursePage) -> FirstLab | None:
    lessons = [entry for module in main.modules for entry in module.lessons]
    for entry in lessons:
        labs = entry.lesson.shown.labs
        for key, lab in labs.items():
            if offered_recipe(lab["recipe"], lab) is None:
                continue
            trial = trial_address(entry.address, labs, key) if entry is lessons[0] else ""
            return FirstLab(lab["title"], lab["task_html"], entry, f"{entry.address}#lab-{key}", trial)
    return None
