"""Coroutines in a test: after browser tests in this process, their event loop occupies the main thread."""

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import anyio

Result = TypeVar("Result")


def run(work: Callable[..., Awaitable[Result]], *arguments: Any) -> Result:
    """The result of `work(*arguments)`, in an event loop and thread of its own."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(partial(anyio.run, work, *arguments)).result()
