from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy.engine import URL, make_url

from app.core.config import DEVELOPMENT_SECRET, Settings

SAFE = {
    "environment": "production",
    "secret_key": "a secret of our own, long enough",
    "public_url": "https://sophora.example",
}


def settings(**values: object) -> Settings:
    return Settings(_env_file=None, **values)


def test_production_starts_with_a_secret_of_its_own_and_tls() -> None:
    assert settings(**SAFE).secure


def test_production_refuses_the_default_secret() -> None:
    with pytest.raises(ValidationError, match="SOPHORA_SECRET_KEY must be set"):
        settings(**{**SAFE, "secret_key": DEVELOPMENT_SECRET})


def test_production_refuses_to_run_without_a_secret() -> None:
    with pytest.raises(ValidationError, match="SOPHORA_SECRET_KEY must be set"):
        settings(environment="production", public_url="https://sophora.example")


def test_production_refuses_an_address_without_tls() -> None:
    with pytest.raises(ValidationError, match="must start with https://"):
        settings(**{**SAFE, "public_url": "http://sophora.example"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret_key": "short"}, {"environment": "staging"}, {"session_idle_days": 0}, {"job_slots": 0}, {"job_quota_active": -1}, {"job_lease_seconds": 0}, {"log_level": "loud"},
    ],
)  # fmt: skip
def test_a_setting_that_makes_no_sense_is_named(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        settings(**wrong)


def test_without_settings_everything_lies_in_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "STORAGE_URL"):
        monkeypatch.delenv(f"SOPHORA_{name}", raising=False)
    found = settings(data_dir=tmp_path)
    assert found.database_url == f"sqlite:///{tmp_path}/sophora.db"
    assert found.redis_url == f"unix://{tmp_path}/redis.sock"
    assert found.storage_url == f"file://{tmp_path}/files"


def test_a_postgresql_address_needs_no_word_about_its_driver() -> None:
    assert (
        settings(database_url="postgresql://host/sophora").database_url == "postgresql+psycopg://host/sophora"
    )


def test_celery_gets_the_redis_address_in_its_own_spelling() -> None:
    assert settings(redis_url="unix:///var/redis.sock").celery_broker_url == "redis+socket:///var/redis.sock"
    assert settings(redis_url="redis://host/0").celery_broker_url == "redis://host/0"


def test_settings_come_from_variables_that_start_with_sophora(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOPHORA_JOB_SLOTS", "3")
    assert settings().job_slots == 3


@pytest.mark.parametrize("password", ["p@ss:w/rd", "%41 #?&=+", "密码", "'\"\\", ""])
def test_the_address_of_the_database_is_put_together_of_parts_whatever_the_password_holds(
    password: str,
) -> None:
    for host in ("postgres", "10.0.0.7", "fd00::7"):
        made = make_url(settings(database_host=host, database_password=password).database_url)
        meant = URL.create("postgresql+psycopg", "sophora", password or None, host, 5432, "sophora")
        assert made == meant
    on_socket = make_url(settings(database_host="/run/postgresql", database_password=password).database_url)
    assert on_socket.query["host"] == "/run/postgresql" and on_socket.password == (password or None)


def test_a_whole_address_of_the_database_comes_before_its_parts() -> None:
    assert (
        settings(database_url="sqlite:///here.db", database_host="postgres").database_url
        == "sqlite:///here.db"
    )
