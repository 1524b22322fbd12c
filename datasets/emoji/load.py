"""Read the emoji that both vendors have drawn, in five of Unicode's categories, out of what was kept of their npm packages."""

import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

# In the order of the classes in dataset.toml. Faces, people, signs and flags are left out.
CATEGORIES = ("Animals & Nature", "Food & Drink", "Travel & Places", "Objects", "Activities")
VENDORS = ("google", "twitter")
SIZE = 64


def read(files: Mapping[str, Path]) -> dict[str, np.ndarray]:
    """Pictures as uint8 (emoji, 64, 64, 3) of each vendor, and labels as uint8 (emoji,): row by row the same emoji.

    They are shuffled once and for all, so that recipes can split by rows: by emoji, that is, never by picture.
    """
    with tarfile.open(files["google"]) as google, tarfile.open(files["twitter"]) as twitter:
        emoji = [each for each in json.loads(content(google, "package/emoji.json")) if is_wanted(each)]
        emoji.sort(key=lambda each: each["unified"])
        order = np.random.default_rng(0).permutation(len(emoji))
        emoji = [emoji[number] for number in order]
        pictures = {
            vendor: np.stack([picture(archive, vendor, each["image"]) for each in emoji])
            for vendor, archive in zip(VENDORS, (google, twitter), strict=True)
        }
    return pictures | {"labels": np.array([CATEGORIES.index(each["category"]) for each in emoji], "uint8")}


def is_wanted(emoji: Mapping[str, object]) -> bool:
    return emoji["category"] in CATEGORIES and all(emoji[f"has_img_{vendor}"] for vendor in VENDORS)


def picture(archive: tarfile.TarFile, vendor: str, name: str) -> np.ndarray:
    """On white, which was transparent."""
    drawn = Image.open(io.BytesIO(content(archive, f"package/img/{vendor}/{SIZE}/{name}"))).convert("RGBA")
    white = Image.new("RGBA", drawn.size, "white")
    return np.asarray(Image.alpha_composite(white, drawn).convert("RGB"))


def content(archive: tarfile.TarFile, name: str) -> bytes:
    found = archive.extractfile(name)
    if found is None:
        raise ValueError(f"{name} is no file in the package")
    return found.read()
