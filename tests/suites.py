"""The output of a test run: a line for each suite (a folder of tests/) once it is complete, and each failure at once.

4,700 dots tell nobody anything. pytest still shows every failure in full at the end.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable

import pytest

# The outcome of a failed attempt that is not the last, see tests/conftest.py.
AGAIN = "rerun"


class Suites:
    """Held by the reporting process; parallel test processes send it what they collected and how each test ended."""

    def __init__(self, terminal: pytest.TerminalReporter) -> None:
        self.terminal = terminal
        self.left: Counter[str] = Counter()
        self.ended: dict[str, Counter[str]] = {}
        self.seconds: defaultdict[str, float] = defaultdict(float)
        # Tests that are tried again once the failed attempt is torn down.
        self.again: set[str] = set()
        self.began = time.monotonic()

    def expect(self, names: Iterable[str]) -> None:
        self.left = Counter(map(_suite, names))
        self.ended = {suite: Counter() for suite in self.left}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if session.items:
            self.expect(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Every test process collects the same."""
        if not self.left:
            self.expect(ids)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        if report.outcome == AGAIN:
            return AGAIN, "", ""
        if report.failed:
            return "failed" if report.when == "call" else "error", "", ""
        return (report.outcome, "", "") if report.skipped or report.when == "call" else None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        suite = _suite(report.nodeid)
        self.seconds[suite] += report.duration
        if report.outcome == AGAIN:
            self._say_again(suite, report)
            return
        if report.failed:
            self.ended[suite]["failed"] += 1
            self.terminal.ensure_newline()
            self.terminal.write_line(f"  failed: {report.nodeid}")
        elif report.skipped or report.when == "call":
            self.ended[suite][report.outcome] += 1
        if report.when == "teardown" and report.nodeid in self.again:
            self.again.remove(report.nodeid)
        elif report.when == "teardown":
            self.left[suite] -= 1
            if not self.left[suite]:
                self._say(suite)

    def _say_again(self, suite: str, report: pytest.TestReport) -> None:
        self.ended[suite]["tried again"] += 1
        if report.when == "teardown":
            self.ended[suite]["passed"] -= 1  # its call had passed, and will be told once more
        else:
            self.again.add(report.nodeid)
        self.terminal.ensure_newline()
        self.terminal.write_line(f"  failed, and is tried again: {report.nodeid}\n{report.longreprtext}")

    def _say(self, suite: str) -> None:
        counts = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(self.ended[suite].items()))
        at = time.monotonic() - self.began
        self.terminal.ensure_newline()
        self.terminal.write_line(
            f"{suite}: {counts or 'nothing'}; {self.seconds[suite]:.0f} s of work, {at:.0f} s after the beginning"
        )


def _suite(name: str) -> str:
    """tests/unit/board/test_a.py::test_b -> tests/unit"""
    return "/".join(name.partition("::")[0].split("/")[:-1][:2]) or name
