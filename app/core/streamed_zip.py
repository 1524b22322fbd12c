"""A ZIP that is sent while it is made."""

import zipfile
from typing import IO, cast


class StreamedZip(zipfile.ZipFile):
    """What is written is kept until `taken` hands it on. Not seekable, so nothing of the archive waits for its end."""

    def __init__(self) -> None:
        self._sink = _Sink()
        super().__init__(cast("IO[bytes]", self._sink), "w", zipfile.ZIP_DEFLATED)

    def taken(self) -> bytes:
        return self._sink.taken()


class _Sink:
    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
