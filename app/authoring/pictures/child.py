"""Run in a sandboxed process (see `app.core.sandbox`): re-encode a picture from its pixels alone.

Raises on anything but a PNG, JPEG, GIF or WebP of a sensible size.
"""

from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

MOST_PIXELS = 40_000_000
MOST_FRAMES = 300
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")


def rebuild(content: bytes) -> bytes:
    """The picture without anything that is not a pixel (or a frame's duration). Raises ValueError or OSError."""
    from PIL import Image, ImageOps, ImageSequence

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(BytesIO(content), formats=FORMATS) as picture:
        kind, frames = picture.format, getattr(picture, "n_frames", 1)
        if picture.width * picture.height * frames > MOST_PIXELS or frames > MOST_FRAMES:
            raise ValueError("too many pixels")
        output = BytesIO()
        if frames > 1 and kind in ("GIF", "WEBP", "PNG"):
            durations = [frame.info.get("duration", 100) for frame in ImageSequence.Iterator(picture)]
            frames_pixels = [frame.convert("RGBA") for frame in ImageSequence.Iterator(picture)]
            frames_pixels[0].save(
                output, kind, save_all=True, append_images=frames_pixels[1:], duration=durations, loop=0
            )
        else:
            # The orientation of a photograph is in the EXIF data dropped here.
            upright = ImageOps.exif_transpose(picture)
            pixels = _plain(upright, kind)
            pixels.save(output, kind, **({"quality": 90} if kind in ("JPEG", "WEBP") else {}))
        return output.getvalue()


def _plain(picture: "Image.Image", kind: str | None) -> "Image.Image":
    """Pixels in a mode that `kind` supports, without metadata."""
    modes = {
        "JPEG": ("L", "RGB"),
        "PNG": ("1", "L", "LA", "P", "RGB", "RGBA"),
        "GIF": ("L", "P", "RGBA"),
        "WEBP": ("RGB", "RGBA"),
    }[kind or ""]
    transparent = "transparency" in picture.info or picture.mode in ("LA", "PA", "RGBA")
    fallback = "RGBA" if transparent and kind != "JPEG" else "RGB"
    copy = picture.convert(fallback) if picture.mode not in modes or transparent else picture.copy()
    copy.info = {}
    return copy
