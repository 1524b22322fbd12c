"""Sandboxed processes with limits: what goes wrong in one stays there."""

import pickle
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from app.core.sandbox import MEGABYTE, MOST_WAITING, AllBusy, LimitExceeded, Limits, Pool

LIMITS = Limits(cpu_seconds=5, wall_seconds=60)
EVAL = "builtins:eval"


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = Pool(["json"])
    yield pool
    pool.stop()


def add(pool: Pool) -> int:
    return pool.run(EVAL, "1 + 1", limits=LIMITS)


def test_a_call_gives_what_the_function_gives_or_raises(pool: Pool) -> None:
    assert pool.run("json:loads", '{"a": ["字", 1]}', limits=LIMITS) == {"a": ["字", 1]}
    with pytest.raises(ZeroDivisionError):
        pool.run(EVAL, "1 / 0", limits=LIMITS)
    assert add(pool) == 2


def test_a_helper_answers_with_plain_data_only(pool: Pool) -> None:
    with pytest.raises(pickle.UnpicklingError, match="may not answer"):
        pool.run(EVAL, "__import__('os').system", limits=LIMITS)


@pytest.mark.parametrize(
    ("function", "argument", "limits"),
    [
        # All in one bytecode, in C: no thread of this process could end it.
        (EVAL, "sum(iter(int, 1))", Limits(cpu_seconds=0.1, wall_seconds=60)),
        ("time:sleep", 1000, Limits(cpu_seconds=60, wall_seconds=0.2)),
        (EVAL, "'a' * 4_000_000_000", Limits(cpu_seconds=60, wall_seconds=60)),
        (EVAL, "list(iter(dict, 1))", Limits(cpu_seconds=60, wall_seconds=60, memory=256 * MEGABYTE)),
        ("tests.hostile:deep", 0, LIMITS),
        ("os:_exit", 0, LIMITS),
        (EVAL, "__import__('os').abort()", LIMITS),
        (EVAL, "__import__('os').kill(__import__('os').getpid(), 9)", LIMITS),
    ],
    ids=["endless", "asleep", "large", "growing", "deep", "leaves", "aborts", "killed"],
)
def test_what_uses_up_its_limits_is_ended_and_the_next_call_works(
    pool: Pool, function: str, argument: object, limits: Limits
) -> None:
    with pytest.raises(LimitExceeded):
        pool.run(function, argument, limits=limits)
    assert add(pool) == 2


def test_a_clock_runs_anew_for_each_call(pool: Pool) -> None:
    limits = Limits(cpu_seconds=1, wall_seconds=60)
    assert [pool.run("tests.hostile:spin", 0.3, limits=limits) for _ in range(5)] == [0.3] * 5


def test_a_helper_knows_no_secret_of_the_installation_and_writes_no_file(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.setenv("SOPHORA_SECRET_KEY", "a secret of the installation")
    found = pool.run(EVAL, "dict(__import__('os').environ)", limits=LIMITS)
    assert not [name for name in found if name.startswith("SOPHORA")]
    with pytest.raises(OSError, match="too large"):
        pool.run(EVAL, f"__import__('pathlib').Path({str(tmp_path / 'a')!r}).write_text('a')", limits=LIMITS)


def test_many_threads_get_each_its_own_answer(pool: Pool) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: pool.run(EVAL, f"{n} * 2", limits=LIMITS), range(200)))
    assert answers == [number * 2 for number in range(200)]
    assert len(helpers(pool)) <= 2


def test_who_waits_too_long_or_stands_too_far_back_is_told_and_other_lanes_are_free(pool: Pool) -> None:
    slow = Limits(cpu_seconds=60, wall_seconds=60, lane="long")
    lane = pool._lanes["long"]
    with ThreadPoolExecutor(MOST_WAITING + 1) as threads:
        held = threads.submit(pool.run, "time:sleep", 8, limits=slow)
        wait_until(lambda: not lane._free._value)
        with pytest.raises(AllBusy):
            pool.run(EVAL, "1 + 1", limits=Limits(cpu_seconds=1, wall_seconds=0.1, lane="long"))
        waiting = [threads.submit(pool.run, EVAL, "2 + 2", limits=slow) for _ in range(MOST_WAITING)]
        wait_until(lambda: not lane._may_come._value)
        with pytest.raises(AllBusy):
            pool.run(EVAL, "1 + 1", limits=slow)
        assert (add(pool), held.done()) == (2, False)
        assert [call.result() for call in waiting] == [4] * MOST_WAITING


def test_what_was_killed_from_outside_is_replaced_before_anybody_notices(pool: Pool) -> None:
    add(pool)
    for victim in helpers(pool):
        kill(victim)
    assert add(pool) == 2
    forker = psutil.Process(pool._process.pid)
    forker.send_signal(signal.SIGKILL)
    for helper in helpers(pool):
        kill(helper)
    forker.wait()
    assert add(pool) == 2


def test_none_is_left_when_the_pool_stops_not_even_a_busy_one(pool: Pool) -> None:
    add(pool)
    forker = psutil.Process(pool._process.pid)
    busy = threading.Thread(target=fails, args=(lambda: pool.run("time:sleep", 600, limits=Limits(9, 601)),))
    busy.start()
    wait_until(lambda: any(p.status() == psutil.STATUS_SLEEPING for p in forker.children()))
    family = [forker, *forker.children()]
    pool.stop()
    busy.join()
    assert psutil.wait_procs(family, timeout=30)[1] == []


def test_a_module_that_cannot_be_imported_is_an_error_and_no_waiting(
    capfd: pytest.CaptureFixture[str],
) -> None:
    pool = Pool(["app.no_such_module"])
    with pytest.raises(RuntimeError, match="cannot start"):
        add(pool)
    assert "no_such_module" in capfd.readouterr().err
    pool.stop()


def helpers(pool: Pool) -> list[psutil.Process]:
    return psutil.Process(pool._process.pid).children()


def kill(process: psutil.Process) -> None:
    process.kill()
    wait_until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)


def fails(call: Callable[[], object]) -> None:
    with pytest.raises(LimitExceeded):
        call()


def wait_until(condition: Callable[[], bool]) -> None:
    while not condition():
        threading.Event().wait(0.01)
