"""Routes for every recipe, with or without a lesson: its description, data and form."""

from typing import Annotated, Any

from annotated_types import Ge, Le
from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import RedirectResponse

from app.accounts.dependencies import CurrentUser, MaybeUser, for_everyone, user_rate_limit
from app.core.errors import Invalid, NotFound
from app.core.i18n import N_
from app.core.text import Slug
from app.jobs.continuing.service import MOST_LEARNING
from app.jobs.forecasts import forecast_here
from app.jobs.pages import PreviewPage, RecipePage, RecipesPage
from app.jobs.service import submit_job
from app.jobs.sweeps.forms import read_axes
from app.jobs.sweeps.service import submit_sweep
from app.labs.forms import read_guess, read_settings
from app.labs.pages import lab_form
from app.labs.service import offered_recipe
from app.recipes.dataset import described
from app.recipes.parts import SCRIPTS
from app.recipes.program import program_lines
from app.recipes.recipe import Recipe, all_recipes
from app.web.dependencies import Db
from app.web.forms import posted_fields
from app.web.security.rate_limit import rate_limit
from app.web.templating import render

router = APIRouter()
# Notebooks request it without a session, once each, and a class shares an address.
data_limit = Depends(rate_limit("data", "240/hour"))

Fields = Annotated[dict[str, str], Depends(posted_fields)]
ScriptName = Annotated[str, Path(pattern=r"^[a-z.-]{1,20}$")]
# Of a training that continues from another one's weights.
Learning = Annotated[int | None, Ge(0), Le(MOST_LEARNING)]
# A form asks after each change.
preview_limit = Depends(user_rate_limit("preview", "180/minute"))
LONGEST_SETTING = 80
submit_limit = Depends(user_rate_limit("submit", "30/minute"))
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


@router.get("/recipes")
def recipes_page(request: Request, session: Db, user: MaybeUser) -> Response:
    offered = [recipe for recipe in all_recipes().values() if recipe.has_data]
    return render(
        request,
        "recipes/list.html",
        page=RecipesPage([(recipe, described(recipe.dataset)) for recipe in offered]),
    )


@router.get("/recipes/{slug}")
def recipe_page(request: Request, session: Db, user: MaybeUser, slug: Slug) -> Response:
    return render(request, "recipes/page.html", page=_page(_offered(slug)))


@router.post("/recipes/{slug}/jobs", dependencies=[submit_limit])
def start(request: Request, session: Db, user: CurrentUser, slug: Slug, fields: Fields) -> Response:
    recipe = _offered(slug)
    try:
        job = submit_job(session, user, recipe, read_settings(recipe, fields), read_guess(fields))
    except Invalid as error:
        page = _page(recipe, typed=fields, errors=error.fields)
        return render(request, "recipes/page.html", page=page, status=error.status)
    return RedirectResponse(f"/jobs/{job.id}", status_code=303)


@router.post("/recipes/{slug}/sweeps", dependencies=[submit_limit])
def start_sweep(request: Request, session: Db, user: CurrentUser, slug: Slug, fields: Fields) -> Response:
    """The same form, with several values of one or two settings."""
    recipe = _offered(slug)
    try:
        asked = read_settings(recipe, fields), read_axes(fields), read_guess(fields)
        sweep = submit_sweep(session, user, recipe, *asked)
    except Invalid as error:
        page = _page(recipe, typed=fields, errors=error.fields)
        return render(request, "recipes/page.html", page=page, status=error.status)
    return RedirectResponse(f"/sweeps/{sweep.id}", status_code=303)


@router.get("/recipes/{slug}/preview", dependencies=[preview_limit])
def preview(
    request: Request,
    session: Db,
    user: CurrentUser,
    slug: Slug,
    program: bool = False,
    learning: Learning = None,
) -> Response:
    """What the settings in the address cost, and their Keras program. Raises Invalid."""
    recipe = _offered(slug)
    asked = {name: value[:LONGEST_SETTING] for name, value in request.query_params.items()}
    settings = recipe.checked_settings(read_settings(recipe, asked))
    lines = program_lines(recipe.slug, recipe.dataset, settings, learning) if program else ()
    page = PreviewPage(forecast_here(session, recipe, settings), list(lines))
    return render(request, "recipes/preview.html", page=page)


@router.get("/recipes/{slug}/parts/{name}", dependencies=[for_everyone])
async def script(slug: Slug, name: ScriptName) -> Response:
    """A recipe's own script; its address contains its content's digest."""
    recipe = all_recipes().get(slug)
    text = recipe.parts.text(name) if recipe and name in SCRIPTS else ""
    if not text:
        raise NotFound
    return Response(text, media_type="text/javascript; charset=utf-8", headers=FOR_EVER)


@router.get("/datasets/{slug}/arrays.npz", dependencies=[for_everyone, data_limit])
async def arrays(request: Request, slug: Slug) -> Response:
    """The arrays of a file-based data set, for notebooks; the first training with it puts them into the store."""
    data = described(slug)
    content = await request.app.state.files.fetch(data.arrays_key) if data and data.files else None
    if content is None:
        raise NotFound
    headers = {
        "Content-Disposition": f'attachment; filename="{slug}.npz"',
        "Cache-Control": "public, max-age=3600",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)


def _offered(slug: str) -> Recipe:
    recipe = offered_recipe(slug)
    if recipe is None:
        raise NotFound(N_("This training's recipe is no longer offered."))
    return recipe


def _page(recipe: Recipe, **filled: Any) -> RecipePage:
    address = f"/recipes/{recipe.slug}"
    form = lab_form(recipe, None, f"{address}/jobs", sweep_action=f"{address}/sweeps", **filled)
    return RecipePage(recipe, described(recipe.dataset), form)
