"""Screenshots of every page there is, to be looked at: both languages, three widths, light and dark, on sheets of several pages.

    script/looks FOLDER [--only PART_OF_AN_ADDRESS ...] [--looks zh-light-360 ...]

The pages come from the routes (tests/pages.py), each as the first of visitor, student, lecturer and admin who may see it; the
classroom is started in a temporary folder with one of everything (tests/fuzz/world.py) and one run that has really been trained.
"""

import argparse
import itertools
import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import httpx
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from app.core.config import ROOT
from app.main import create_app
from tests.browser import trainings
from tests.browser.conftest import FLAGS, Classroom, find_chromium, run_classroom, sign_up
from tests.fuzz.world import ACTORS
from tests.pages import addresses, page_routes

LOOKS = [
    "-".join(look) for look in itertools.product(("zh", "en"), ("light", "dark"), ("360", "768", "1440"))
]
WIDTH_ON_SHEET = {360: 300, 768: 360, 1440: 450}
SHEET_WIDTH = 1_880
GAP, LABEL = 12, 24
LONGEST = 2_600


def everything_in(classroom: Classroom) -> dict[str, dict[str, str]]:
    """One of everything, in the running classroom, and who may see it: `scene` and `tokens` of tests.fuzz.world."""
    environment = os.environ | {
        "SOPHORA_DATA_DIR": str(classroom.data_dir),
        "SOPHORA_RATE_LIMITS": "false",
        "SOPHORA_NEW_USER_HOURS": "0",
        "SOPHORA_NEW_USER_COMMENTS": "0",
    }
    environment.pop("SOPHORA_DATABASE_URL", None)
    made = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.world"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(made.stdout.splitlines()[-1])


def pages_by_actor(
    classroom: Classroom, everything: Mapping[str, Mapping[str, str]]
) -> tuple[dict[str, list[str]], set[str]]:
    """The addresses of all pages, under the first of `ACTORS` who may see each; and the routes of which none was seen."""
    found: dict[str, str] = {}
    unseen = set(page_routes(create_app()))
    for actor in ACTORS:
        token = everything["tokens"].get(actor)
        cookies = {"sophora_session": token} if token else {}
        with httpx.Client(base_url=classroom.address, cookies=cookies, timeout=30) as client:
            for route, address in addresses(create_app(), everything["scene"]):
                if address in found:
                    continue
                answer = client.get(address)
                if answer.status_code < 400:
                    unseen.discard(route)
                    if "<html" in answer.text:
                        found[address] = actor
    return {actor: [address for address in found if found[address] == actor] for actor in ACTORS}, unseen


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=[""])
    parser.add_argument("--looks", nargs="*", default=LOOKS, choices=LOOKS)
    asked = parser.parse_args()
    logging.disable(logging.INFO)
    asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sophora-screens-") as data_dir, sync_playwright() as playwright:
        (Path(data_dir) / "datasets").symlink_to(ROOT / "var" / "datasets")
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        with run_classroom(Path(data_dir)) as classroom:
            everything = everything_in(classroom)
            pages, _unseen = pages_by_actor(classroom, everything)
            visits = [
                (everything["tokens"].get(actor), address)
                for actor in ACTORS
                for address in pages[actor]
                if any(part in address for part in asked.only)
            ]
            visits += _trained(browser, classroom, asked.only)
            for look in asked.looks:
                sys.stdout.write(f"{look}: {len(visits)} pages\n")
                sys.stdout.flush()
                shots = list(_shots(browser, classroom, look, visits, asked.folder))
                _lay_out(shots, WIDTH_ON_SHEET[int(look.rpartition("-")[2])], asked.folder / f"sheet-{look}")


def _trained(browser: Browser, classroom: Classroom, only: Collection[str]) -> list[tuple[str | None, str]]:
    """The lab and the page of a run that has ended, with the session of its owner."""
    if not any(part in trainings.CONVOLUTION or part in "/jobs/" for part in only):
        return []
    context = browser.new_context(base_url=classroom.address)
    page = context.new_page()
    sign_up(page)
    job = trainings.start(page, trainings.CONVOLUTION, "first-cnn", filters=8)
    trainings.end_state(trainings.events_of(context, classroom.url(job)))
    token = next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "sophora_session")
    context.close()
    return [
        (token, job),
        (token, "/jobs"),
        (token, "/"),
        (token, "/progress"),
        (token, trainings.CONVOLUTION),
    ]


def _context(browser: Browser, classroom: Classroom, look: str, token: str | None) -> BrowserContext:
    language, theme, width = look.split("-")
    context = browser.new_context(
        base_url=classroom.address,
        viewport={"width": int(width), "height": 900},
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
    )
    cookies = {"language": language, "theme": "auto"} | ({"sophora_session": token} if token else {})
    context.add_cookies(
        [{"name": name, "value": value, "url": classroom.address} for name, value in cookies.items()]
    )
    return context


def _shots(
    browser: Browser, classroom: Classroom, look: str, visits: list[tuple[str | None, str]], folder: Path
) -> Iterator[tuple[str, Path]]:
    width = int(look.rpartition("-")[2])
    for token, of_one in itertools.groupby(enumerate(visits), key=lambda visit: visit[1][0]):
        context = _context(browser, classroom, look, token)
        page = context.new_page()
        for number, (_token, address) in of_one:
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(address, wait_until="load")
            page.evaluate("document.fonts.ready")
            height = min(LONGEST, page.evaluate("document.documentElement.scrollHeight"))
            page.set_viewport_size({"width": width, "height": max(height, 700)})
            file = folder / f"{look}-{number:03}.png"
            page.screenshot(path=file)
            yield address, file
        context.close()


def _lay_out(shots: list[tuple[str, Path]], width: int, name: Path) -> None:
    """Sheets of as many pages as fit beside each other, each under its address; the shorter ones come first."""
    columns = SHEET_WIDTH // (width + GAP)
    scaled = sorted(
        ((*_scaled(file, width), address) for address, file in shots), key=lambda each: each[0].height
    )
    for number, start in enumerate(range(0, len(scaled), columns)):
        together = scaled[start : start + columns]
        sheet = Image.new("RGB", (columns * (width + GAP), LABEL + together[-1][0].height), "#888")
        pen = ImageDraw.Draw(sheet)
        for column, (picture, file_name, address) in enumerate(together):
            left = column * (width + GAP)
            pen.text((left + 4, 6), f"{file_name} {address}"[: width // 6], fill="white")
            sheet.paste(picture, (left, LABEL))
        sheet.save(f"{name}-{number:02}.png")


def _scaled(file: Path, width: int) -> tuple[Image.Image, str]:
    with Image.open(file) as picture:
        return picture.convert("RGB").resize(
            (width, round(picture.height * width / picture.width))
        ), file.stem[-3:]


if __name__ == "__main__":
    main()
