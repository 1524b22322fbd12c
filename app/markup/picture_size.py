"""Width and height of a picture, from its first bytes: with known dimensions a page does not jump when it loads."""

import struct

# Formats allowed in a lesson's folder, by suffix; the bytes decide, a wrong suffix is a fault.
SUFFIXES = {"svg": "svg", "png": "png", "jpg": "jpeg", "jpeg": "jpeg", "webp": "webp", "gif": "gif"}


def kind_of(content: bytes) -> str | None:
    """png, jpeg, gif, webp or svg; None for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content[:6] in (b"GIF87a", b"GIF89a"):
        return "gif"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return "svg" if b"<svg" in content[:2000] else None


def size_of(content: bytes) -> tuple[int, int] | None:
    """(width, height) in pixels of a PNG, JPEG, GIF or WebP; None if unreadable."""
    try:
        match kind_of(content):
            case "png":
                return struct.unpack(">II", content[16:24])
            case "gif":
                return struct.unpack("<HH", content[6:10])
            case "webp":
                return _webp(content)
            case "jpeg":
                return _jpeg(content)
    except (struct.error, IndexError):
        pass
    return None


def _webp(content: bytes) -> tuple[int, int] | None:
    match content[12:16]:
        case b"VP8X":
            return int.from_bytes(content[24:27], "little") + 1, int.from_bytes(content[27:30], "little") + 1
        case b"VP8L":
            bits = int.from_bytes(content[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = struct.unpack("<HH", content[26:30])
            return width & 0x3FFF, height & 0x3FFF
    return None


def _jpeg(content: bytes) -> tuple[int, int] | None:
    position = 2
    while position + 9 < len(content):
        if content[position] != 0xFF:
            return None
        marker = content[position + 1]
        if marker == 0xFF:  # padding
            position += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[position + 5 : position + 9])
            return width, height
        position += 2 + struct.unpack(">H", content[position + 2 : position + 4])[0]
    return None
