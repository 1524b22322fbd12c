"""Settings, from environment variables that start with SOPHORA_ (and a file .env, if there is one)."""

import os
import re
from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlencode

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]
DEVELOPMENT_SECRET = "only-for-development-not-a-secret"


class Settings(BaseSettings):
    """Every field is described in README.md; a test fails if one is missing there."""

    model_config = SettingsConfigDict(env_prefix="SOPHORA_", env_file=".env", extra="ignore")

    environment: Literal["development", "production"] = "development"
    secret_key: str = Field(default=DEVELOPMENT_SECRET, min_length=16)
    public_url: str = "http://127.0.0.1:8000"
    data_dir: Path = ROOT / "var"
    content_dir: Path = ROOT / "content"
    recipes_dir: Path = ROOT / "recipes"
    datasets_dir: Path = ROOT / "datasets"
    database_url: str = ""
    database_host: str = Field(
        default="", description="With it, the PostgreSQL address is put together of these parts."
    )
    database_port: int = Field(default=5432, ge=1, le=65535)
    database_name: str = "sophora"
    database_user: str = "sophora"
    database_password: str = ""
    redis_url: str = ""
    storage_url: str = ""
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    low_disk_mb: int = Field(
        default=1000, ge=0, description="With less room, staff are warned and caches go."
    )

    metrics_token: str = Field(
        default="", pattern=r"^(\S{16,200})?$", description="Without it there is no /metrics."
    )

    session_idle_days: int = Field(default=14, ge=1)
    session_absolute_days: int = Field(default=60, ge=1)
    rate_limits: bool = True
    trusted_proxies: str = Field(
        default="", description="Addresses and networks whose X-Forwarded-For and -Proto are believed."
    )

    smtp_url: str = Field(
        default="", pattern=r"^(smtps?://\S+)?$", description="Without it, nobody is offered mail."
    )
    mail_from: str = ""

    job_slots: int = Field(default=1, ge=1, description="Trainings that one worker process runs at once.")
    job_threads: int | None = Field(
        default=None, ge=1, le=256, description="TensorFlow's threads within one operation; kept by a job."
    )
    job_quota_active: int = Field(
        default=5, ge=1, description="Queued and running jobs one student may have."
    )
    guest_jobs_active: int = Field(
        default=10, ge=0, description="Queued and running jobs all visitors together may have; 0: none."
    )
    job_lease_seconds: float = Field(default=30, gt=0)
    job_sweep_seconds: float = Field(default=5, gt=0)
    job_interruptions: int = Field(default=3, ge=1)

    new_user_hours: float = Field(default=24, ge=0, description="Limits against spam hold for so long.")
    new_user_comments: int = Field(
        default=3, ge=0, description="And until so many comments of the user stand."
    )

    @model_validator(mode="after")
    def fill_in_local_defaults(self) -> "Settings":
        # Resolved once, so that a process with another working directory uses the same folders.
        for name in ("data_dir", "content_dir", "recipes_dir", "datasets_dir"):
            setattr(self, name, getattr(self, name).resolve())
        self.database_url = self.database_url or self._database_of_parts()
        self.database_url = self.database_url or f"sqlite:///{self.data_dir / 'sophora.db'}"
        if self.database_url.startswith("postgresql://"):
            self.database_url = self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)
        self.redis_url = self.redis_url or f"unix://{self.data_dir / 'redis.sock'}"
        self.storage_url = self.storage_url or self.data_dir.joinpath("files").as_uri()
        return self

    def _database_of_parts(self) -> str:
        """Escaped as a SQLAlchemy URL, whatever the password contains. A host with a slash is a socket's folder."""
        if not self.database_host:
            return ""
        user, password, name = (
            quote(part, safe="") for part in (self.database_user, self.database_password, self.database_name)
        )
        who = f"{user}:{password}" if password else user
        if self.database_host.startswith("/"):
            return f"postgresql://{who}@/{name}?{urlencode({'host': self.database_host, 'port': self.database_port})}"
        host = f"[{self.database_host}]" if ":" in self.database_host else self.database_host
        return f"postgresql://{who}@{host}:{self.database_port}/{name}"

    @field_validator("trusted_proxies")
    @classmethod
    def refuse_what_is_no_address(cls, value: str) -> str:
        for part in filter(None, map(str.strip, value.split(","))):
            try:
                ip_network(part)
            except ValueError as error:
                raise ValueError(
                    f"SOPHORA_TRUSTED_PROXIES must list addresses or networks, as 127.0.0.1, 172.16.0.0/12: {error}"
                ) from None
        return value

    @model_validator(mode="after")
    def refuse_mail_from_nobody(self) -> "Settings":
        if self.smtp_url and not re.search(r"[^@\s]+@[^@\s>]+>?$", self.mail_from):
            raise ValueError(
                "SOPHORA_MAIL_FROM must be an address, as Sophora <sophora@example.org>, where SOPHORA_SMTP_URL is set"
            )
        return self

    @model_validator(mode="after")
    def refuse_an_unsafe_production(self) -> "Settings":
        if self.environment == "production":
            if self.secret_key == DEVELOPMENT_SECRET:
                raise ValueError("SOPHORA_SECRET_KEY must be set to a secret of your own in production")
            if not self.public_url.startswith("https://"):
                raise ValueError("SOPHORA_PUBLIC_URL must start with https:// in production")
        return self

    @property
    def has_known_secret(self) -> bool:
        """True if it is the one that every installation has."""
        return self.secret_key == DEVELOPMENT_SECRET

    @property
    def secure(self) -> bool:
        """True if browsers reach the site over TLS."""
        return self.public_url.startswith("https://")

    @property
    def threads_of_a_job(self) -> int:
        """For the first job of a worker: an even share of the cores, at most eight."""
        return self.job_threads or max(1, min(8, (os.cpu_count() or 1) // self.job_slots))

    @property
    def celery_broker_url(self) -> str:
        """The Redis address in Kombu's notation (`redis+socket://` for a Unix socket)."""
        return self.redis_url.replace("unix://", "redis+socket://", 1)


@lru_cache
def get_settings() -> Settings:
    return Settings()
