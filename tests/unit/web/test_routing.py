from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient

from app.web.routing import AskedByBeginning


def test_each_address_finds_the_route_that_it_found_without_a_look_at_its_beginning() -> None:
    plants, trees, anything = APIRouter(prefix="/plants"), APIRouter(), APIRouter()
    plants.add_api_route("/{name}", lambda name: f"plant {name}")
    trees.add_api_route("/", lambda: "a wood")
    trees.add_api_route("/trees", lambda: "trees")
    trees.add_api_route("/plants/huai/flowers", lambda: "flowers", methods=["POST"])
    anything.add_api_route("/{name}/leaves", lambda name: f"leaves of {name}")

    addresses = [
        ("GET", "/"), ("GET", "/trees"), ("GET", "/trees/"), ("GET", "/plants/huai"), ("GET", "/plants"),
        ("POST", "/plants/huai/flowers"), ("GET", "/plants/huai/flowers"), ("POST", "/trees"),
        ("GET", "/plants/leaves"), ("GET", "/ginkgo/leaves"), ("GET", "/nowhere"), ("GET", "//trees"),
    ]  # fmt: skip

    def answers(*routers: APIRouter) -> list[tuple[int, str]]:
        app = FastAPI()
        for router in routers:
            app.include_router(router)
        client = TestClient(app)
        found = [client.request(method, path) for method, path in addresses]
        return [(answer.status_code, answer.text) for answer in found]

    routers = [plants, trees, anything]
    assert answers(*map(AskedByBeginning, routers)) == answers(*routers)
