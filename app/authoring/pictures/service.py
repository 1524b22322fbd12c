"""Pictures that editors upload: judged by their content, rebuilt from their pixels, named by the server."""

import hashlib
from typing import cast

from app.core import sandbox, storage
from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.core.sandbox import MEGABYTE, AllBusy, LimitExceeded, Limits
from app.markup.picture_size import kind_of
from app.markup.rendering import Busy, clean_drawing

MOST_BYTES = 2 * 1024 * 1024
# Overhead of a form around its file, in bytes.
FORM_BYTES = 10_000
DECODING = Limits(cpu_seconds=20, wall_seconds=60, memory=1024 * MEGABYTE, lane="long")
EXTENSIONS = {"png": "png", "jpeg": "jpg", "gif": "gif", "webp": "webp", "svg": "svg"}


def accept(content: bytes | Invalid) -> tuple[str, str]:
    """Store an uploaded picture; returns its name in the lesson (`figures/…`) and its storage key. Raises Invalid.

    The original bytes are never stored: a photograph is decoded and re-encoded by a sandboxed process, which also
    drops its location data, and a drawing keeps its shapes and text only.
    """
    if isinstance(content, Invalid):
        raise content
    if len(content) > MOST_BYTES:
        raise too_large()
    kind = kind_of(content)
    if kind is None:
        raise refused(_("A lesson cannot show this kind of picture. Please use PNG, JPEG, WebP, GIF or SVG."))
    rebuilt = _drawing(content) if kind == "svg" else _rebuilt(content)
    name = hashlib.sha256(rebuilt).hexdigest()[:32]
    key = f"pictures/{name}.{EXTENSIONS[kind]}"
    storage.write(key, rebuilt)
    return f"figures/{name[:12]}.{EXTENSIONS[kind]}", key


def _drawing(content: bytes) -> bytes:
    try:
        svg = clean_drawing(content)
    except ValueError:  # not UTF-8, or no <svg> in it
        raise refused(_("This drawing cannot be read. Save it as plain SVG and try again.")) from None
    if "xmlns=" not in svg.partition(">")[0]:  # browsers render no SVG file without it
        svg = svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    return svg.encode()


def _rebuilt(content: bytes) -> bytes:
    """The same picture from its pixels. The sandboxed process has limits: a decompression bomb kills only itself."""
    try:
        return cast(bytes, sandbox.run("app.authoring.pictures.child:rebuild", content, limits=DECODING))
    except AllBusy:
        raise Busy from None
    except LimitExceeded:
        raise refused(_("This picture takes too long to read. Please make it smaller first.")) from None
    except Exception:  # whatever a decoder may raise for crafted bytes
        raise refused(
            _("This picture cannot be read. It may be damaged or too large: the limit is 40 million pixels.")
        ) from None


def too_large() -> Invalid:
    return refused(_("The picture is larger than 2 MB. Please make it smaller first."))


def refused(sentence: str) -> Invalid:
    return Invalid({"picture": sentence})
