"""Entries of the streams of live events, and their ids."""

import re
from dataclasses import dataclass
from functools import cached_property

from sse_starlette import ServerSentEvent

RawEntry = tuple[bytes, dict[bytes, bytes]]
END_STATES = ('"succeeded"', '"failed"', '"cancelled"')
_STREAM_ID = re.compile(r"[0-9]{1,20}-[0-9]{1,20}")


@dataclass(frozen=True)
class Entry:
    """An entry of the stream `key`, encoded once for all watchers."""

    key: str
    identity: bytes
    kind: str
    data: str

    @cached_property
    def encoded(self) -> bytes:
        """For a stream of this topic alone: a reconnecting browser sends the id as Last-Event-ID."""
        return ServerSentEvent(self.data, event=self.kind, id=self.identity.decode()).encode()

    @cached_property
    def tagged(self) -> bytes:
        """For a stream of many topics: the id names its topic."""
        return tagged(self.key, self.kind, self.data, self.identity.decode())

    @property
    def ends(self) -> bool:
        return self.kind == "state" and any(state in self.data for state in END_STATES)


def encode(key: str, entry: RawEntry) -> Entry:
    identity, fields = entry
    return Entry(key, identity, fields[b"type"].decode(), fields[b"data"].decode())


def tagged(key: str, kind: str, data: str, identity: str = "") -> bytes:
    """Without an identity the event does not move the position: for data from the database, for example."""
    return ServerSentEvent(data, event=kind, id=f"{key}@{identity}").encode()


def order_of(identity: bytes) -> tuple[int, int]:
    """Redis stream ids in their order: milliseconds, then a counter."""
    milliseconds, _, counter = identity.partition(b"-")
    return int(milliseconds), int(counter or 0)


def is_stream_id(text: str) -> bool:
    """Whether Redis accepts it as an entry's id: two 64-bit integers in ASCII digits."""
    return bool(_STREAM_ID.fullmatch(text)) and max(order_of(text.encode())) < 2**64 - 1
