"""Couplets of five and five characters from the Complete Tang Poems (quantangshi) in the npm package chinese-poetry.

A poem there is {"author", "title", "paragraphs"}, a paragraph one or two sentences such as "秦川雄帝宅，函谷壯皇居。".
"""

import json
import re
import tarfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

POEMS = re.compile(r"package/dist/quantangshi/poet\.tang\.(\d+)\.json")
HALF = "([\u3400-\u9fff]{5})"
COUPLET = re.compile(f"(?:^|(?<=[。？！；])){HALF}，{HALF}[。？！；]")
CHARACTERS = 2000
MARKS = "，。"


def read(files: Mapping[str, Path]) -> dict[str, np.ndarray]:
    """`simplified` and `traditional`, two texts for each couplet, "林暗草惊风，将军夜引弓。"; no simplified one occurs twice.

    The poems are in random order, the same in every installation, so that the first couplets are a fair sample and those of one
    poem stand together. `characters` are the two marks and the most common characters, most common first, and
    `traditional_characters` the form that each of them has most often in the originals.
    """
    from opencc import OpenCC

    poems = list(all_poems(files["package"]))
    order = np.random.default_rng(0).permutation(len(poems))
    traditional = [couplet for number in order for couplet in couplets_of(poems[number])]
    simplified = OpenCC("t2s").convert("\n".join(traditional)).split("\n")
    text = "".join(simplified)
    common = [name for name, _ in Counter(text).most_common(len(MARKS) + CHARACTERS)]
    form_of: dict[str, str] = {}
    for (name, form), _ in Counter(zip(text, "".join(traditional), strict=True)).most_common():
        form_of.setdefault(name, form)
    known = set(common)
    # A dictionary keeps one of equal ones.
    kept = {
        after: before
        for after, before in zip(simplified, traditional, strict=True)
        if known.issuperset(after)
    }
    return {
        "simplified": np.array(list(kept)),
        "traditional": np.array(list(kept.values())),
        "characters": np.array(common),
        "traditional_characters": np.array([form_of[name] for name in common]),
    }


def all_poems(package: Path) -> Iterator[str]:
    """The text of each poem, in the order of the collection."""
    texts = {}
    with tarfile.open(package) as archive:
        for member in archive:
            found = POEMS.fullmatch(member.name)
            if found and (stream := archive.extractfile(member)):
                texts[int(found[1])] = ["".join(poem["paragraphs"]) for poem in json.load(stream)]
    for number in sorted(texts):
        yield from texts[number]


def couplets_of(poem: str) -> list[str]:
    """Each ends in a full stop, whatever it ends in where it stands."""
    return ["{1}{0[0]}{2}{0[1]}".format(MARKS, *halves) for halves in COUPLET.findall(poem)]
