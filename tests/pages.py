"""Every page, from the application's routes, each with an example address.

A parameter stands for what a scene made under the parameter's name (`tests.fuzz.world` makes one of everything). A new page whose
parameters have names of their own needs an example of each there, and fails the tests that ask for every page without one. What
exists only after something has happened is made by `tests.fuzz.rare_pages`.
"""

import re
from collections.abc import Iterator, Mapping

from fastapi import FastAPI

from tests.fuzz.requests import routes_of

# Endless responses.
STREAMS = {"/live", "/jobs/{job_id}/events"}
# Parameters that mean something else in a single route.
EXAMPLES: dict[str, dict[str, str]] = {
    "/authoring/lessons/{lesson_id}/{part}s/{key}": {"part": "question", "key": "largest"},
    "/authoring/lessons/{lesson_id}/new-{part}": {"part": "question"},
    "/courses/{course}/lessons/{slug}/labs/{key}/curve": {"key": "digits"},
    "/verdicts/{kind}": {"kind": "overfitting"},
    "/pictures/{name}": {"name": f"{'0' * 32}.png"},
    "/recipes/{slug}": {"slug": "mnist-cnn"},
    "/recipes/{slug}/parts/{name}": {"slug": "mnist-cnn", "name": "figure.js"},
    "/recipes/{slug}/preview": {"slug": "line"},
    "/datasets/{slug}": {"slug": "mnist"},
    "/datasets/{slug}/samples.png": {"slug": "mnist"},
    "/datasets/{slug}/arrays.npz": {"slug": "mnist"},
}
# Queries that decide what is shown; without an entry a page is requested without one.
QUERIES: dict[str, tuple[str, ...]] = {
    "/courses/{course}/lessons/{slug}": ("", "?order=newest", "?comment={comment_id}"),
    "/jobs/compare": ("?ids={job_id}",),
    "/jobs/compare/table.csv": ("?ids={job_id}",),
    "/classes/joining": ("?key={class_code}",),
    "/search": ("?q=learning",),
    "/courses/{course}/map": ("", "?lesson={slug}"),
    "/courses/{course}/terms": ("", "?q=paper"),
    "/threads/{key}/comments": ("", "?order=newest"),
    "/threads/{key}/chosen": ("?ids={comment_id}",),
    "/threads/{key}/news": ("?since=2020-01-01T00:00:00Z",),
    "/comments/{comment_id}/reply": ("", "?quote=1"),
    "/recipes/{slug}/preview": ("?epochs=9&learning_rate=0.01&batch_size=50&noise=3&seed=1&program=true",),
    "/board/people": ("?thread={key}&q=", "?thread={key}&q=s"),
}


def page_routes(app: FastAPI) -> list[str]:
    """The patterns of all readable routes."""
    return [route.path for route in routes_of(app) if route.method == "GET" and route.path not in STREAMS]


def addresses(
    app: FastAPI, scene: Mapping[str, str], queries: Mapping[str, tuple[str, ...]] = QUERIES
) -> Iterator[tuple[str, str]]:
    """(route, address) of every page; several per route if a query matters. Raises LookupError if an example is missing."""
    for route in page_routes(app):
        for query in queries.get(route, ("",)):
            yield route, address(route, scene, query)


def address(route: str, scene: Mapping[str, str], query: str = "") -> str:
    own = {name: value for name, value in scene.items() if name.startswith(f"{route}#")}
    known = {**scene, **EXAMPLES.get(route, {}), **{name.rpartition("#")[2]: own[name] for name in own}}
    missing = set(re.findall(r"{(\w+)", route + query)) - set(known)
    if missing:
        raise LookupError(
            f"{route}: no example of {', '.join(sorted(missing))}; tests/pages.py says where one goes"
        )
    return re.sub(r"{(\w+)(?::path)?}", lambda match: known[match[1]], route + query)
