import json
import subprocess
import sys

from app.core.config import ROOT

SCRIPT = """
import logging
from structlog import get_logger
from app.core.config import Settings
from app.core.logging import configure_logging
configure_logging(Settings(_env_file=None, log_format={format!r}, log_level="info"))
get_logger("app.test").info("job started", job="1", attempt=2)
logging.getLogger("celery").warning("worker %s", "ready")
get_logger("app.test").debug("too quiet to show")
def sign_in(password):
    raise ValueError("wrong")
try:
    sign_in("a sentence of my own")
except ValueError as error:
    get_logger("app.test").error("unexpected error", exc_info=error)
"""


def logged(log_format: str) -> str:
    answer = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(format=log_format)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return answer.stderr


def test_in_production_every_line_is_an_object_with_its_facts() -> None:
    lines = [json.loads(line) for line in logged("json").splitlines()]
    assert len(lines) == 3
    assert {key: lines[0][key] for key in ("event", "job", "attempt", "level", "logger")} == {
        "event": "job started", "job": "1", "attempt": 2, "level": "info", "logger": "app.test",
    }  # fmt: skip
    assert lines[1]["event"] == "worker ready"
    assert "ValueError: wrong" in lines[2]["exception"]
    assert all("timestamp" in line for line in lines)


def test_a_traceback_shows_no_values_of_variables() -> None:
    for log_format in ("json", "console"):
        text = logged(log_format)
        assert "ValueError: wrong" in text
        assert "sign_in" in text
        assert "a sentence of my own" not in text
