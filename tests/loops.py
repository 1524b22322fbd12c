"""Coroutines in a test: where a browser's tests ran in this process before, its loop holds the main thread."""

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import anyio

Result = TypeVar("Result")


def run(work: Callable[..., Awaitable[Result]], *arguments: Any) -> Result:
    """What `work(*arguments)` gives, in a loop and a thread of its own."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(partial(anyio.run, work, *arguments)).result()
