from collections.abc import Mapping

from sqlalchemy.orm import Session

from app.jobs import queries
from app.jobs.continuing.pages import Continuation, ContinuationPage
from app.jobs.continuing.service import MOST_LEARNING, form_of, may_continue, starting_changes
from app.jobs.models import Job
from app.labs.pages import lab_form
from app.recipes.recipe import Recipe, all_recipes


def continuation_page(
    parent: Job,
    recipe: Recipe,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> ContinuationPage:
    form = lab_form(
        recipe,
        form_of(parent, recipe),
        f"/jobs/{parent.id}/continuations",
        values=starting_changes(parent, recipe),
        typed=typed,
        errors=errors,
    )
    return ContinuationPage(parent, form, (typed or {}).get("learning", "0"), range(MOST_LEARNING + 1))


def continuation(session: Session, job: Job) -> Continuation:
    scratch = queries.from_scratch(session, job) if job.start else None
    return Continuation(may_continue(job, all_recipes().get(job.recipe)), job.continued_from_id, scratch)
