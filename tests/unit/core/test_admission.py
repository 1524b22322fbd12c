"""The admission queue: who waits, who is refused, and that waiting requests hold nothing."""

import anyio
import pytest

from app.core.admission import Admission, Line
from app.core.errors import Busy, FilesAway
from tests import loops


def test_those_who_wait_are_served_in_turn_and_no_more_at_once_than_there_are_places() -> None:
    async def run() -> tuple[int, int]:
        line, inside, most, served = Line(3, 100, 60), 0, 0, 0

        async def one() -> None:
            nonlocal inside, most, served
            async with line.turn():
                inside += 1
                most = max(most, inside)
                await anyio.sleep(0)
                inside -= 1
                served += 1

        async with anyio.create_task_group() as tasks:
            for _ in range(50):
                tasks.start_soon(one)
        return most, served

    assert loops.run(run) == (3, 50)


def test_who_would_wait_too_long_is_refused_at_once() -> None:
    async def run() -> None:
        line = Line(1, most_waiting=100, patience=1, refusal=FilesAway)
        line._usual = 10.0
        async with line.turn(), anyio.create_task_group() as tasks:
            tasks.start_soon(line.turn().__aenter__)
            await anyio.wait_all_tasks_blocked()
            with pytest.raises(FilesAway) as refusal:
                await line.turn().__aenter__()
            assert refusal.value.values["seconds"] == 10
            tasks.cancel_scope.cancel()

    loops.run(run)


def test_one_who_leaves_while_waiting_takes_no_place() -> None:
    async def run() -> None:
        line = Line(1, most_waiting=1, patience=60)
        async with line.turn():
            with anyio.move_on_after(0.01):
                async with line.turn():
                    raise AssertionError("there was no place")
        with anyio.fail_after(10):
            async with line.turn():
                pass

    loops.run(run)


def test_a_request_never_waits_for_a_second_place() -> None:
    async def run() -> None:
        admission = Admission(2)
        async with admission.place():
            with pytest.raises(RuntimeError):
                await admission.run(str)
        with pytest.raises(Busy):
            await Admission(0, most_waiting=0).run(str)

    loops.run(run)
