"""Live events: replay, then live; nothing lost and nothing duplicated, whatever happened to the stream."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session
from sse_starlette import ServerSentEvent

from app.accounts.models import User
from app.accounts.service import close_session, disable, live_tokens, open_session
from app.core.live import hub as hub_module
from app.core.live import sessions
from app.core.live.entries import is_stream_id
from app.core.live.hub import EventHub, Topic
from app.core.live.sending import add_event as live_add
from app.core.live.sending import topic_key
from app.core.live.sessions import LiveTokens
from app.core.redis import get_redis
from app.jobs.models import JobEpoch
from app.jobs.stream import add_event, stream_key
from tests.factories import make_job, make_user
from tests.integration.conftest import ON_SQLITE

T = TypeVar("T")
Event = tuple[str, dict[str, Any], str]
PATIENCE = 20


def parse(raw: ServerSentEvent | bytes) -> Event:
    """(event, data, id) of one encoded event."""
    text = (raw if isinstance(raw, bytes) else raw.encode()).decode()
    fields = dict(line.split(": ", 1) for line in text.strip().splitlines())
    return fields["event"], json.loads(fields["data"]), fields.get("id", "")


def no_snapshot() -> list[tuple[str, dict[str, Any]]]:
    raise AssertionError("the stream is whole: the database need not be asked")


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in a thread of its own: browser tests may keep an event loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def with_hub(test: Callable[[EventHub], Awaitable[T]], live_tokens: LiveTokens = set) -> T:
    async def run() -> T:
        hub = EventHub(live_tokens=live_tokens)
        await hub.start()
        try:
            return await asyncio.wait_for(test(hub), PATIENCE)
        finally:
            await hub.stop()

    return run_apart(run())


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.01)


async def take(following: AsyncIterator[Any], count: int) -> list[Event]:
    return [parse(await anext(following)) for _ in range(count)]


async def rest(following: AsyncIterator[Any]) -> list[Event]:
    return [parse(event) async for event in following]


async def add(job_id: UUID, kind: str, **data: Any) -> str:
    return await asyncio.to_thread(add_event, get_redis(), job_id, kind, data)


@pytest.fixture
def job_id(redis: None) -> UUID:
    return uuid4()


def test_a_page_that_comes_late_gets_everything_in_order(job_id: UUID) -> None:
    for step in range(3):
        add_event(get_redis(), job_id, "points", {"step": step})
    add_event(get_redis(), job_id, "state", {"state": "succeeded"})

    found = with_hub(lambda hub: rest(hub.follow(stream_key(job_id), "0-0", no_snapshot)))
    assert [(kind, data) for kind, data, _ in found] == [
        ("points", {"step": 0}),
        ("points", {"step": 1}),
        ("points", {"step": 2}),
        ("state", {"state": "succeeded"}),
    ]


def test_a_page_that_comes_back_gets_only_what_it_has_not_seen(job_id: UUID) -> None:
    ids = [add_event(get_redis(), job_id, "points", {"step": step}) for step in range(3)]
    add_event(get_redis(), job_id, "state", {"state": "failed"})

    found = with_hub(lambda hub: rest(hub.follow(stream_key(job_id), ids[1], no_snapshot)))
    assert [data for _, data, _ in found] == [{"step": 2}, {"state": "failed"}]
    assert found[0][2] == ids[2]


def test_what_happens_now_arrives_now(job_id: UUID) -> None:
    async def test(hub: EventHub) -> list[Event]:
        await add(job_id, "points", step=0)
        following = hub.follow(stream_key(job_id), "0-0", no_snapshot)
        found = await take(following, 1)
        reading = asyncio.create_task(take(following, 2))
        await add(job_id, "points", step=1)
        await add(job_id, "points", step=2)
        return found + await reading

    assert [data["step"] for _, data, _ in with_hub(test)] == [0, 1, 2]


@pytest.mark.parametrize("state", ["succeeded", "failed", "cancelled"])
def test_the_events_end_with_the_job(job_id: UUID, state: str) -> None:
    async def test(hub: EventHub) -> list[Event]:
        await add(job_id, "state", state="running")
        following = hub.follow(stream_key(job_id), "0-0", no_snapshot)
        found = await take(following, 1)
        reading = asyncio.create_task(rest(following))
        await add(job_id, "state", state="queued")
        await add(job_id, "state", state=state)
        await add(job_id, "points", step=99)
        return found + await reading

    assert [data for _, data, _ in with_hub(test)] == [
        {"state": "running"},
        {"state": "queued"},
        {"state": state},
    ]


def test_two_who_watch_the_same_job_see_the_same(job_id: UUID) -> None:
    async def test(hub: EventHub) -> list[list[Event]]:
        await add(job_id, "points", step=0)
        first = asyncio.create_task(rest(hub.follow(stream_key(job_id), "0-0", no_snapshot)))
        await add(job_id, "points", step=1)
        second = asyncio.create_task(rest(hub.follow(stream_key(job_id), "0-0", no_snapshot)))
        for step in range(2, 50):
            await add(job_id, "points", step=step)
        await add(job_id, "state", state="succeeded")
        return [await first, await second]

    first, second = with_hub(test)
    assert first == second
    assert [data["step"] for _, data, _ in first[:-1]] == list(range(50))


def test_who_joins_in_the_middle_of_a_storm_misses_nothing_and_sees_nothing_twice(job_id: UUID) -> None:
    async def test(hub: EventHub) -> list[list[Event]]:
        async def storm() -> None:
            for step in range(300):
                await add(job_id, "points", step=step)
            await add(job_id, "state", state="succeeded")

        sending = asyncio.create_task(storm())
        watching = []
        for _ in range(8):
            await asyncio.sleep(0)
            watching.append(asyncio.create_task(rest(hub.follow(stream_key(job_id), "0-0", lambda: []))))
            await add(uuid4(), "points", step=0)
        await sending
        return [await watcher for watcher in watching]

    for found in with_hub(test):
        assert [data["step"] for _, data, _ in found[:-1]] == list(range(300))


def test_jobs_are_not_mixed_up(job_id: UUID) -> None:
    other = uuid4()

    async def test(hub: EventHub) -> tuple[list[Event], list[Event]]:
        await add(job_id, "points", step=1)
        await add(other, "points", step=2)
        watching = [
            asyncio.create_task(rest(hub.follow(stream_key(job), "0-0", no_snapshot)))
            for job in (job_id, other)
        ]
        await add(other, "state", state="failed")
        await add(job_id, "state", state="succeeded")
        return await watching[0], await watching[1]

    mine, others = with_hub(test)
    assert [data for _, data, _ in mine] == [{"step": 1}, {"state": "succeeded"}]
    assert [data for _, data, _ in others] == [{"step": 2}, {"state": "failed"}]


def test_where_the_stream_was_trimmed_the_database_fills_the_gap(job_id: UUID) -> None:
    seen = add_event(get_redis(), job_id, "points", {"step": 1})
    for step in (2, 3, 4):
        add_event(get_redis(), job_id, "points", {"step": step})
    add_event(get_redis(), job_id, "state", {"state": "succeeded"})
    get_redis().xtrim(stream_key(job_id), maxlen=2, approximate=False)

    found = with_hub(
        lambda hub: rest(
            hub.follow(stream_key(job_id), seen, lambda: [("epoch", {"epoch": 1, "points": [1, 2, 3]})])
        )
    )
    assert [(kind, data) for kind, data, _ in found] == [
        ("epoch", {"epoch": 1, "points": [1, 2, 3]}),
        ("points", {"step": 4}),
        ("state", {"state": "succeeded"}),
    ]
    # Events from the database have no id: a browser disconnected here requests the gap again.
    assert found[0][2] == ""


def test_where_the_stream_is_gone_the_database_tells_the_end(job_id: UUID) -> None:
    found = with_hub(
        lambda hub: rest(
            hub.follow(
                stream_key(job_id),
                "5-0",
                lambda: [("epoch", {"epoch": 1}), ("state", {"state": "succeeded"})],
            )
        )
    )
    assert [kind for kind, _, _ in found] == ["epoch", "state"]


def test_a_stream_that_begins_again_after_a_restart_of_redis_is_followed(job_id: UUID) -> None:
    async def test(hub: EventHub) -> list[Event]:
        following = hub.follow(stream_key(job_id), "5-0", lambda: [("epoch", {"epoch": 1})])
        found = await take(following, 1)
        reading = asyncio.create_task(rest(following))
        await add(job_id, "points", step=7)
        await add(job_id, "state", state="succeeded")
        return found + await reading

    assert [kind for kind, _, _ in with_hub(test)] == ["epoch", "points", "state"]


def test_a_watcher_that_falls_far_behind_is_dropped_and_can_resume_without_a_hole(
    job_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "QUEUE_SIZE", 10)

    async def test(hub: EventHub) -> tuple[list[Event], list[Event]]:
        await add(job_id, "points", step=0)
        slow = hub.follow(stream_key(job_id), "0-0", no_snapshot)
        seen = await take(slow, 1)
        first = asyncio.create_task(take(slow, 1))
        await add(job_id, "points", step=1)
        seen += await first
        # The slow one reads nothing while another one watches a hundred go by.
        quick = hub.follow(stream_key(job_id), "0-0", no_snapshot)
        for step in range(2, 100):
            await add(job_id, "points", step=step)
            if step == 2:
                await take(quick, 3)
            else:
                await take(quick, 1)
        seen += await rest(slow)
        await add(job_id, "state", state="succeeded")
        return seen, await rest(hub.follow(stream_key(job_id), seen[-1][2], no_snapshot))

    seen, resumed = with_hub(test)
    steps = [data["step"] for _, data, _ in seen + resumed[:-1]]
    assert steps == list(range(100))


def test_nobody_is_remembered_who_has_left(job_id: UUID) -> None:
    async def test(hub: EventHub) -> tuple[dict[str, Any], dict[str, Any]]:
        await add(job_id, "points", step=0)
        following = hub.follow(stream_key(job_id), "0-0", no_snapshot)
        await take(following, 1)
        reading = asyncio.create_task(anext(following))
        await add(job_id, "points", step=1)
        await reading
        await following.aclose()
        return hub._watchers, hub._positions

    assert with_hub(test) == ({}, {})


def test_the_hub_stops_even_if_a_cancellation_is_swallowed(redis: None) -> None:
    """As asyncio.wait_for of Python 3.11 occasionally does, inside the Redis client."""

    async def run() -> None:
        hub = EventHub()
        real, swallowed, is_reading = hub._read_once, [], asyncio.Event()

        async def read_once() -> None:
            is_reading.set()
            try:
                await real()
            except asyncio.CancelledError:
                if swallowed:
                    raise
                swallowed.append(True)

        hub._read_once = read_once  # type: ignore[method-assign] # what it swallows is what is asked
        await hub.start()
        await is_reading.wait()
        await asyncio.wait_for(hub.stop(), PATIENCE)
        assert swallowed

    run_apart(run())


def test_a_watcher_is_let_go_when_redis_goes_away(job_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its browser reconnects, and what it missed is replayed."""
    from redis.exceptions import ConnectionError

    async def test(hub: EventHub) -> list[Event]:
        await add(job_id, "points", step=0)
        following = hub.follow(stream_key(job_id), "0-0", no_snapshot)
        found = await take(following, 1)

        def fail(*_: Any, **__: Any) -> Coroutine[Any, Any, None]:
            raise ConnectionError("gone")

        monkeypatch.setattr(hub._redis, "xread", fail)
        return found + await rest(following)

    assert [data for _, data, _ in with_hub(test)] == [{"step": 0}]


def lines(text: str) -> list[Event]:
    return [
        parse(part.encode())
        for part in text.replace("\r\n", "\n").strip().split("\n\n")
        if "data: " in part and "event: hello" not in part
    ]


def test_the_page_of_a_finished_job_gets_its_end_and_no_more(
    client: TestClient, session: Session, student: User
) -> None:
    job = make_job(session, student, state="succeeded", attempt=1, phase="evaluating", steps_per_epoch=10)
    session.add(
        JobEpoch(
            job_id=job.id,
            epoch=1,
            attempt=1,
            metrics={"loss": 0.5},
            seconds=1.0,
            points=[[10, {"loss": 0.6}]],
            extra={},
            checkpoint_key="-",
            stream_id="0-0",
        )
    )
    session.commit()
    answer = client.get(f"/jobs/{job.id}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = lines(answer.text)
    assert [kind for kind, _, _ in found] == ["phase", "epoch", "state"]
    assert found[1][1]["points"] == [{"step": 10, "epoch": 1, "metrics": {"loss": 0.6}}]


def test_a_browser_that_reconnects_says_where_it_was(
    client: TestClient, session: Session, student: User
) -> None:
    job = make_job(session, student, state="succeeded")
    session.commit()
    ids = [add_event(get_redis(), job.id, "points", {"step": step}) for step in range(3)]
    add_event(get_redis(), job.id, "state", {"state": "succeeded"})
    found = lines(client.get(f"/jobs/{job.id}/events?after=0-0", headers={"Last-Event-ID": ids[1]}).text)
    assert [data for _, data, _ in found] == [{"step": 2}, {"state": "succeeded"}]
    found = lines(client.get(f"/jobs/{job.id}/events?after={ids[0]}").text)
    assert [data for _, data, _ in found] == [{"step": 1}, {"step": 2}, {"state": "succeeded"}]


@ON_SQLITE
@pytest.mark.parametrize(
    "nonsense",
    ["x", "1", "-", "1-", "1-2-3", "٣-٣", "9" * 50 + "-0", "$", "9" * 20 + "-0", "²-¹", f"{2**64}-0"],
)
def test_a_place_that_is_none_means_from_the_start(
    client: TestClient, session: Session, student: User, nonsense: str
) -> None:
    job = make_job(session, student, state="succeeded")
    session.commit()
    add_event(get_redis(), job.id, "state", {"state": "succeeded"})
    answer = client.get(f"/jobs/{job.id}/events", params={"after": nonsense})
    assert [kind for kind, _, _ in lines(answer.text)] == ["state"]


def test_a_visitor_gets_no_events(client: TestClient, session: Session, student: User) -> None:
    job = make_job(session, student)
    session.commit()
    client.cookies.clear()
    assert client.get(f"/jobs/{job.id}/events", headers={"Accept": "application/json"}).status_code == 401


def test_what_a_client_says_moves_nobody_elses_stream(job_id: UUID) -> None:
    """A far-future id from one watcher of a shared job: later watchers still get its events."""

    async def test(hub: EventHub) -> tuple[list[Event], list[Event]]:
        await add(job_id, "points", step=0)
        forger = asyncio.create_task(rest(hub.follow(stream_key(job_id), "99999999999999-0", lambda: [])))
        await until(lambda: stream_key(job_id) in hub._positions)
        other = hub.follow(stream_key(job_id), "0-0", no_snapshot)
        seen = await take(other, 1)
        reading = asyncio.create_task(rest(other))
        await add(job_id, "points", step=1)
        await add(job_id, "state", state="succeeded")
        return seen + await reading, await forger

    honest, forged = with_hub(test)
    assert [data.get("step") for _, data, _ in honest] == [0, 1, None]
    assert [data.get("step") for _, data, _ in forged] == [0, 1, None], (
        "what it made up is not an id of this stream"
    )


def test_an_id_of_before_redis_was_restarted_starts_again_from_the_database(job_id: UUID) -> None:
    """The current stream never issued it; a server whose clock went back is the honest case."""
    add_event(get_redis(), job_id, "points", {"step": 5})
    add_event(get_redis(), job_id, "state", {"state": "succeeded"})
    snapshot = [("points", {"step": 4})]
    found = with_hub(lambda hub: rest(hub.follow(stream_key(job_id), "99999999999999-7", lambda: snapshot)))
    assert [data.get("step") for _, data, _ in found] == [4, 5, None]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("0-0", True),
        ("1700000000000-3", True),
        ("18446744073709551614-0", True),
        ("18446744073709551616-0", False),
        ("99999999999999999999-0", False),
        ("0-99999999999999999999", False),
        ("²-¹", False),
        ("٣-٣", False),
        ("1-1\n", False),
        ("1-", False),
    ],
)
def test_a_place_in_a_stream_is_two_numbers_of_64_bits(text: str, is_one: bool) -> None:
    assert is_stream_id(text) is is_one


def test_one_stream_that_cannot_be_read_ends_alone(job_id: UUID) -> None:
    """Redis rejects a read of many keys because of one of them; the others continue."""

    async def test(hub: EventHub) -> tuple[list[Event], list[Event]]:
        await add(job_id, "points", step=0)
        good = hub.follow(stream_key(job_id), "0-0", no_snapshot)
        seen = await take(good, 1)
        reading = asyncio.create_task(rest(good))
        await asyncio.to_thread(get_redis().set, "sophora:topic:broken", "no stream")
        bad = asyncio.create_task(rest(hub.watch([topic("broken")])))
        ended = await bad
        await add(job_id, "points", step=1)
        await add(job_id, "state", state="succeeded")
        return ended, seen + await reading

    ended, seen = with_hub(test)
    assert [kind for kind, _, _ in ended] == ["joined"]
    assert [data.get("step") for _, data, _ in seen] == [0, 1, None]


def test_a_stream_ends_with_the_session_that_opened_it(job_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "CHECK_SECONDS", 0.05)
    held = {"hers", "his"}

    async def test(hub: EventHub) -> list[Event]:
        await add(job_id, "points", step=0)
        hers = asyncio.create_task(rest(hub.watch([topic("user:1")], "hers")))
        followed = asyncio.create_task(rest(hub.follow(stream_key(job_id), "0-0", no_snapshot, "hers")))
        his = hub.watch([topic("user:1")], "his")
        reading = asyncio.create_task(take(his, 2))
        await until(lambda: len(hub._watchers.get(topic_key("user:1"), ())) == 2 and len(hub._positions) == 2)
        held.discard("hers")
        assert [kind for kind, _, _ in await hers] == ["joined"]
        assert [data for _, data, _ in await followed] == [{"step": 0}]
        await asyncio.to_thread(get_redis().xadd, topic_key("user:1"), {"type": "x", "data": "{}"})
        seen = await reading
        await his.aclose()
        assert hub._open._ends == {}
        return seen

    found = with_hub(test, lambda tokens: held & set(tokens))
    assert [kind for kind, _, _ in found] == ["joined", "x"], "the other one's goes on"


def topic(name: str, after: str | None = None) -> Topic:
    return Topic(name, topic_key(name), after)


def tell(name: str, **data: Any) -> str:
    return live_add(get_redis(), topic_key(name), "unread", data, maximum_entries=10)


def test_one_connection_for_many_topics_brings_each_what_it_missed_and_then_what_happens(
    job_id: UUID,
) -> None:
    seen = tell("user:1", count=1)
    missed = tell("user:1", count=2)
    tell("thread:1", id="of before")
    point = add_event(get_redis(), job_id, "points", {"step": 1})
    job = Topic(f"job:{job_id}", stream_key(job_id), "0-0", no_snapshot)

    async def test(hub: EventHub) -> list[Event]:
        watched = hub.watch([topic("user:1", seen), topic("thread:1"), job])
        found = await take(watched, 3)
        reading = asyncio.create_task(take(watched, 2))
        await until(lambda: len(hub._positions) == 3)
        await asyncio.to_thread(tell, "thread:1", id="new")
        await until(lambda: reading.done() or len(hub._watchers) == 3)
        await add(job_id, "state", state="succeeded")
        found += await reading
        await watched.aclose()
        return found

    joined, *events = with_hub(test)
    assert joined[0] == "joined"
    assert joined[1]["user:1"] == [topic_key("user:1"), missed]
    assert events[:2] == [
        ("unread", {"count": 2}, f"{topic_key('user:1')}@{missed}"),
        ("points", {"step": 1}, f"{stream_key(job_id)}@{point}"),
    ]
    live = {(kind, identity.partition("@")[0]) for kind, _, identity in events[2:]}
    assert live == {("unread", topic_key("thread:1")), ("state", stream_key(job_id))}


def test_a_topic_whose_stream_does_not_reach_back_is_lost_and_a_quiet_one_is_not(job_id: UUID) -> None:
    for count in range(3):
        tell("user:1", count=count)
    get_redis().xtrim(topic_key("user:1"), maxlen=1, approximate=False)
    asked = [("phase", {"phase": "training"})]
    job = Topic(f"job:{job_id}", stream_key(job_id), "5-0", lambda: asked)

    async def test(hub: EventHub) -> list[Event]:
        watched = hub.watch([topic("user:1", "5-0"), topic("quiet", "0-0"), job])
        found = await take(watched, 3)
        await watched.aclose()
        return found

    assert [(kind, identity.partition("@")[0]) for kind, _, identity in with_hub(test)[1:]] == [
        ("lost", topic_key("user:1")),
        ("phase", stream_key(job_id)),
    ]


def test_which_sessions_hold_is_what_a_request_would_find(session: Session, database: str) -> None:
    ming, hao, lan = (make_user(session, name) for name in ("Ming", "Hao", "Lan"))
    tokens = [open_session(session, user) for user in (ming, hao, lan)]
    session.commit()
    assert live_tokens([*tokens, "made up"]) == set(tokens)
    disable(session, hao)
    close_session(session, tokens[2])
    session.commit()
    assert live_tokens(tokens) == {tokens[0]}
