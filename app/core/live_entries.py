"""Entries of the streams of live events, and their ids."""

import re
from typing import NamedTuple

from sse_starlette import ServerSentEvent

RawEntry = tuple[bytes, dict[bytes, bytes]]
END_STATES = (b'"succeeded"', b'"failed"', b'"cancelled"')
_STREAM_ID = re.compile(r"[0-9]{1,20}-[0-9]{1,20}")


class Entry(NamedTuple):
    """A stream entry, encoded once for all who watch."""

    identity: bytes
    encoded: bytes
    ends: bool


def encode(entry: RawEntry) -> Entry:
    identity, fields = entry
    kind, data = fields[b"type"].decode(), fields[b"data"]
    ends = kind == "state" and any(state in data for state in END_STATES)
    return Entry(identity, ServerSentEvent(data.decode(), event=kind, id=identity.decode()).encode(), ends)


def order_of(identity: bytes) -> tuple[int, int]:
    """Redis stream ids in their order: milliseconds, then a counter."""
    milliseconds, _, counter = identity.partition(b"-")
    return int(milliseconds), int(counter or 0)


def is_stream_id(text: str) -> bool:
    """Whether Redis would take it for the id of an entry: two whole numbers of 64 bits, in digits of ASCII."""
    return bool(_STREAM_ID.fullmatch(text)) and max(order_of(text.encode())) < 2**64 - 1
