"""Lighthouse scores of the home, course and lesson pages on a phone. Goal: performance, accessibility and best practices >= 95.

Lighthouse is installed into var/tools (it is not a dependency) and drives this machine's Chromium.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from app.core.config import ROOT
from bench.lesson_page import end, first_answer, free_port, serve
from bench.progress import told

TOOLS = ROOT / "var" / "tools" / "lighthouse"
PAGES = {"home": "/", "course": "/courses/deep-learning", "lesson": "/courses/deep-learning/lessons/11-cnn"}
CATEGORIES = ("performance", "accessibility", "best-practices")
FLAGS = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"


def main() -> None:
    if not (TOOLS / "node_modules" / "lighthouse").exists():
        TOOLS.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--prefix", str(TOOLS), "lighthouse@13"], check=True)
    with tempfile.TemporaryDirectory(prefix="sophora-bench-") as name:
        environment = os.environ | {"SOPHORA_DATA_DIR": name, "SOPHORA_LOG_LEVEL": "error"}
        for command in (["migrate"], ["course", "load"]):
            subprocess.run(
                [sys.executable, "-m", "app.cli", *command],
                cwd=ROOT,
                env=environment,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        port = free_port()
        server = serve(["app.main:create_app", "--factory"], port, environment)
        try:
            asyncio.run(first_answer(port, "/"))
            for page, path in told(PAGES.items(), "page"):
                scores = lighthouse(f"http://127.0.0.1:{port}{path}", Path(name) / f"{page}.json")
                print(
                    f"{page}: "
                    + ", ".join(f"{category} {score:.0f}" for category, score in scores.items())
                    + " (goal >= 95)"
                )
        finally:
            end(server)


def lighthouse(address: str, output: Path) -> dict[str, float]:
    names = ("chromium", "chromium-browser", "chromium-headless-shell")
    chromium = next(filter(None, map(shutil.which, names)), None)
    if chromium is None:
        raise SystemExit("Lighthouse needs Chromium")
    command = [
        "node", str(TOOLS / "node_modules" / "lighthouse" / "cli" / "index.js"), address, "--quiet", "--output=json", f"--output-path={output}",
        f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={FLAGS}",
    ]  # fmt: skip
    subprocess.run(command, check=True, env=os.environ | {"CHROME_PATH": chromium}, stdout=subprocess.DEVNULL)
    categories = json.loads(output.read_text(encoding="utf-8"))["categories"]
    return {name: 100 * categories[name]["score"] for name in CATEGORIES}


if __name__ == "__main__":
    main()
