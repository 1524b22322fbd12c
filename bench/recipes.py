"""What each recipe's default training reaches, and its samples a second beside the Keras program that it exports.

    python -m bench.recipes [recipe ...] [--seeds 1 2 3] [--set epochs=2]

Each training runs as the worker's does, in a process of its own: from its data to its files, without server or database. Then the
program that stands beside its form, and in its notebook, runs in another, with the same settings and number of threads. Both fit with
validation after each epoch, and tracing is measured on both sides. Printed are the metrics of the report, the lowest and the highest of the seeds, and the
median over the seeds of the samples a second, job over program; which of the two begins alternates.

docs/recipes.md states what was measured so.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from app.core.config import ROOT
from app.recipes.dataset import cache_path, get_dataset
from app.recipes.program import program_cells
from app.recipes.recipe import Value, all_recipes
from bench.lab_ranges import span
from bench.progress import say

# A job as the worker trains it. The settings come on standard input, its result goes out as the last line.
JOB = """\
import json, sys
from worker.channel import ConsoleChannel, JobSpec
from worker.runner import train

asked = json.load(sys.stdin)
channel = ConsoleChannel(JobSpec("bench", 1, asked["recipe"], asked["settings"]))
train(channel)
report = channel.report
print(json.dumps({name: report[name] for name in ("metrics", "seconds", "threads", "outcome", "weights_sha256")}))
"""

# Around the program's own fit.
BEFORE, AFTER = (
    "import time; begun = time.perf_counter()\n",
    '\nprint(f"fitted in {time.perf_counter() - begun} s")',
)
THREADS = "import tensorflow as tf\ntf.config.threading.set_intra_op_parallelism_threads({threads})\n"


def job_of(slug: str, settings: dict[str, Value]) -> dict[str, Any]:
    """The report of a training, without its pictures."""
    asked = json.dumps({"recipe": slug, "settings": settings})
    ran = subprocess.run(
        [sys.executable, "-c", JOB], input=asked, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise SystemExit(f"{slug}: the training failed.\n{ran.stderr[-2000:]}")
    return json.loads(ran.stdout.splitlines()[-1])


def program_seconds(slug: str, settings: dict[str, Value], threads: int) -> tuple[float, str]:
    """How long the exported program fits, and the digest of its weights."""
    recipe = all_recipes()[slug]
    cells = program_cells(slug, recipe.dataset, settings)
    number = next(number for number, cell in enumerate(cells) if "history = " in cell)
    cells[number] = cells[number].replace("history = ", f"{BEFORE}history = ") + AFTER
    program = [THREADS.format(threads=threads), *cells, "print(weights_sha256(model))"]
    with tempfile.TemporaryDirectory() as folder:
        dataset = get_dataset(recipe.dataset) if recipe.dataset else None
        if dataset and not dataset.is_generated:
            (Path(folder) / f"{dataset.slug}.npz").symlink_to(cache_path(dataset.slug))
        ran = subprocess.run(
            [sys.executable, "-c", "\n".join(program)],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    if ran.returncode:
        raise SystemExit(f"{slug}: the exported program failed.\n{ran.stderr[-2000:]}")
    lines = ran.stdout.splitlines()
    fitted = next(line for line in lines if line.startswith("fitted in "))
    return float(fitted.split()[2]), lines[-1]


def measure(slug: str, settings: list[dict[str, Value]]) -> None:
    """Every seed's settings on both sides, and one line of figures."""
    jobs: list[dict[str, Any]] = []
    ratios: list[float] = []
    threads = os.cpu_count() or 1
    for number, chosen in enumerate(settings, 1):
        say(f"{slug}, seed {chosen['seed']} ({number} of {len(settings)})")
        if number % 2:
            job = job_of(slug, chosen)
            seconds, weights = program_seconds(slug, chosen, threads)
        else:
            seconds, weights = program_seconds(slug, chosen, threads)
            job = job_of(slug, chosen)
        if weights != job["weights_sha256"]:
            print(f"{slug}, seed {chosen['seed']}: the exported program ended with other weights")
        jobs.append(job)
        ratios.append(seconds / job["seconds"]["fit"])
    print(row(slug, jobs, ratios), flush=True)


def row(slug: str, jobs: list[dict[str, Any]], ratios: list[float]) -> str:
    names = [name for name in jobs[0]["metrics"] if not name.startswith(("train_", "val_", "parameters"))]
    metrics = "; ".join(f"{name} {span([job['metrics'].get(name) for job in jobs])}" for name in names)
    whole = statistics.median(sum(job["seconds"].values()) for job in jobs)
    fit = statistics.median(job["seconds"]["fit"] for job in jobs)
    outcomes = {job["outcome"] for job in jobs} - {"completed"}
    return (
        f"| {slug} | {metrics}{''.join(f'; {each}' for each in outcomes)} | {len(jobs)} | {whole:.0f} s, of which fit {fit:.0f} s "
        f"| {statistics.median(ratios):.3f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipe", nargs="*", help="all of them without a name")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    options = parser.parse_args()
    given = dict(item.split("=", 1) for item in options.set)
    recipes = all_recipes()
    for name in options.recipe:
        if name not in recipes:
            parser.error(f"there is no recipe {name!r}; there are: {', '.join(recipes)}")
    print("| recipe | metrics | seeds | time | samples a second, job over exported program |")
    print("|---|---|---:|---|---:|")
    for slug in options.recipe or recipes:
        recipe = recipes[slug]
        settings = recipe.defaults | recipe.check_values(given)
        measure(slug, [settings | {"seed": seed} for seed in options.seeds])


if __name__ == "__main__":
    main()
