"""How an address finds its route: of the features' routers, only those are asked of whose addresses one begins so.

FastAPI asks one pattern after the other, twice, and what that costs grows with the number of routes: a fifteenth of a post.
"""

from fastapi import APIRouter
from starlette.routing import Match
from starlette.types import Scope


class AskedByBeginning(APIRouter):
    """A feature's router, complete by now, for the app to include."""

    def __init__(self, router: APIRouter) -> None:
        super().__init__()
        vars(self).update(vars(router))
        beginnings = {_beginning(getattr(route, "path", "/{any}")) for route in router.routes}
        self._beginnings = None if any("{" in beginning for beginning in beginnings) else beginnings

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if self._beginnings is not None and _beginning(path) not in self._beginnings:
            return Match.NONE, {}
        return super().matches(scope)


def _beginning(path: str) -> str:
    return path[1:].partition("/")[0]
