"""From submit to the first live point in the student's event stream, against a cold Python process that imports
TensorFlow and trains one step of the same recipe. Goal: at most 0.2.

The classroom is the real one (`sophora run`), with its worker ready and its data set cached. Both are measured alternately,
several times; the median of the ratios is printed.
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from app.core.config import ROOT
from bench.progress import told

PAIRS = 5
RECIPE_FIELDS = {"epochs": "1", "seed": "1", "guess": "0.9"}
LAB = "/courses/deep-learning/lessons/11-cnn/labs/first-cnn/jobs"

COLD = """
from worker.channel import ConsoleChannel, JobSpec
from worker.recipes import default_hyperparameters, load_recipe
import keras
recipe = load_recipe("mnist-cnn")
settings = default_hyperparameters("mnist-cnn")
data = recipe.load(settings)
model = recipe.build(data, settings)
recipe.compile(model, settings)
model.train_on_batch(data.x_train[:settings["batch_size"]], data.y_train[:settings["batch_size"]])
"""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="sophora-bench-") as name:
        (Path(name) / "datasets").symlink_to(ROOT / "var" / "datasets")
        environment = os.environ | {
            "SOPHORA_DATA_DIR": name,
            "SOPHORA_RATE_LIMITS": "false",
            "TF_CPP_MIN_LOG_LEVEL": "3",
        }
        port = free_port()
        classroom = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "run", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        try:
            with httpx.Client(
                base_url=f"http://127.0.0.1:{port}", headers={"Sec-Fetch-Site": "same-origin"}, timeout=120
            ) as browser:
                until_up(browser)
                browser.post("/sign-up", data={"name": "bench", "password": "a sentence of my own"})
                seconds_to_first_point(browser)  # the worker may still be starting
                pairs = [
                    (seconds_to_first_point(browser), cold_seconds(environment))
                    for _ in told(range(PAIRS), "pair")
                ]
        finally:
            classroom.terminate()
            classroom.wait(30)
    ours, cold = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratios = [a / b for a, b in pairs]
    print(f"submit to first point {ours:.2f} s, cold process to first step {cold:.2f} s")
    print(
        f"ratio {statistics.median(ratios):.2f} (goal <= 0.2), range {min(ratios):.2f} to {max(ratios):.2f}"
    )


def seconds_to_first_point(browser: httpx.Client) -> float:
    """Submit the lab's default job, follow its events to the first point, cancel it, wait for it to end."""
    fields = default_fields() | RECIPE_FIELDS
    started = time.perf_counter()
    answer = browser.post(LAB, data=fields)
    assert answer.status_code == 303, answer.text
    job = answer.headers["location"].split("#")[0]
    elapsed = None
    with browser.stream("GET", f"{job}/events") as events:
        for line in events.iter_lines():
            if line == "event: points" and elapsed is None:
                elapsed = time.perf_counter() - started
                browser.post(f"{job}/cancellation")
            if line.startswith("data:") and '"cancelled"' in line:
                break
    assert elapsed is not None
    return elapsed


def default_fields() -> dict[str, str]:
    from app.recipes.recipe import all_recipes

    recipe = all_recipes()["mnist-cnn"]
    fields = {h.name: h.as_text(h.default) for h in recipe.hyperparameters}
    return {name: value for name, value in fields.items() if value}


def cold_seconds(environment: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", COLD],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - started


def until_up(browser: httpx.Client) -> None:
    for _ in range(600):
        try:
            if browser.get("/healthz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise SystemExit("the classroom did not start")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()
