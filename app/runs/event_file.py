"""TensorBoard's event files, without TensorFlow: the few fields of its messages that hold scalars, framed as TFRecords.

https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto; a record is its length, the length's
checksum, the message, and the message's checksum.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence

from app.jobs.models import Job, JobEpoch

_POLYNOMIAL = 0x82F63B78  # CRC-32C, reflected


def _crc_table() -> list[int]:
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (_POLYNOMIAL if byte & 1 else 0)
        table.append(byte)
    return table


_TABLE = _crc_table()


def events_of_training(job: Job, epochs: Sequence[JobEpoch]) -> tuple[str, bytes]:
    """The name and content of its event file."""
    begun = (job.started_at or job.created_at).timestamp()
    scalars = ((each.finished_at.timestamp(), each.epoch, _numbers(each)) for each in epochs)
    return f"events.out.tfevents.{int(begun)}.sophora", event_file(begun, scalars)


def _numbers(epoch: JobEpoch) -> dict[str, float]:
    """By TensorBoard's tags: training and validation of one metric stand together."""
    return {
        f"epoch_{name.removeprefix('val_')}/{'validation' if name.startswith('val_') else 'train'}": value
        for name, value in epoch.metrics.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def event_file(begun: float, scalars: Iterable[tuple[float, int, Mapping[str, float]]]) -> bytes:
    """`scalars` as (seconds since 1970, step, values by tag); `begun` is when the training began."""
    records = [_double(1, begun) + _bytes(3, b"brain.Event:2")]
    for moment, step, values in scalars:
        summary = b"".join(
            _bytes(1, _bytes(1, tag.encode()) + _float(2, value)) for tag, value in values.items()
        )
        records.append(_double(1, moment) + _integer(2, step) + _bytes(5, summary))
    return b"".join(_record(record) for record in records)


def _record(content: bytes) -> bytes:
    length = struct.pack("<Q", len(content))
    return length + _checksum(length) + content + _checksum(content)


def _checksum(content: bytes) -> bytes:
    crc = 0xFFFFFFFF
    for byte in content:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    crc ^= 0xFFFFFFFF
    # Masked, because a record may itself hold checksums.
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def _varint(number: int) -> bytes:
    parts = []
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def _integer(field: int, number: int) -> bytes:
    return _varint(field << 3) + _varint(number)


def _double(field: int, number: float) -> bytes:
    return _varint(field << 3 | 1) + struct.pack("<d", number)


def _bytes(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _float(field: int, number: float) -> bytes:
    return _varint(field << 3 | 5) + struct.pack("<f", number)
