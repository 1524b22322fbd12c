"""A lesson compared with the same text on Wagtail: for visitors from its page cache, and signed in. Goals: at least 2 and 8 times.

Wagtail is installed into an environment of its own under var/tools (it is not a dependency), with a site of one page whose body
is the lesson's HTML in a `RichTextField`, as Wagtail's own guide does, on SQLite, DEBUG off, behind Django's
`UpdateCacheMiddleware`/`FetchFromCacheMiddleware` with a local-memory cache: every visitor's request after the first is a cache
hit. Signed in, Django does not share the cached page between users (`Vary: Cookie`), so its cache is looked up and missed, as on
a real site with a new session for each reader; we use one session and no cache for either side. One process each: Gunicorn with
threads for Wagtail, Uvicorn for Sophora.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import httpx

from app.core.config import ROOT
from bench.lesson_page import LESSON, end, first_answer, free_port, requests_a_second, serve
from bench.progress import told

ROUNDS = 5
TOOLS = ROOT / "var" / "tools" / "wagtail"
PACKAGES = ["wagtail==7.*", "gunicorn==23.*"]

SETTINGS = """
from pathlib import Path
import os
BASE = Path(__file__).parent
SECRET_KEY = "only for this measurement"
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
USE_TZ = True
WAGTAIL_SITE_NAME = "bench"
WAGTAILADMIN_BASE_URL = "http://127.0.0.1"
STATIC_URL = "/static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE / "db.sqlite3"}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CACHE_MIDDLEWARE_SECONDS = 3600
INSTALLED_APPS = [
    "pages", "wagtail.contrib.forms", "wagtail.contrib.redirects", "wagtail.embeds", "wagtail.sites", "wagtail.users", "wagtail.snippets",
    "wagtail.documents", "wagtail.images", "wagtail.search", "wagtail.admin", "wagtail", "modelcluster", "taggit",
    "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages", "django.contrib.staticfiles",
]
CACHING = ["django.middleware.cache.UpdateCacheMiddleware"], ["django.middleware.cache.FetchFromCacheMiddleware"]
if os.environ.get("BENCH_CACHE") != "on":
    CACHING = [], []
MIDDLEWARE = [
    *CACHING[0],
    "django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware", "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware", "django.middleware.security.SecurityMiddleware",
    *CACHING[1],
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [BASE / "templates"], "APP_DIRS": True, "OPTIONS": {"context_processors": [
    "django.template.context_processors.request", "django.contrib.auth.context_processors.auth", "django.contrib.messages.context_processors.messages"]}}]
"""
MODELS = """
from wagtail.fields import RichTextField
from wagtail.models import Page
class LessonPage(Page):
    body = RichTextField()
    template = "lesson.html"
"""
URLS = """
from django.urls import include, path
from wagtail import urls as wagtail_urls
urlpatterns = [path("", include(wagtail_urls))]
"""
TEMPLATE = """{% load wagtailcore_tags wagtailuserbar %}<!doctype html><html><head><title>{{ page.title }}</title></head><body>
<nav>{% for sibling in page.get_siblings %}<a href="{% pageurl sibling %}">{{ sibling.title }}</a>{% endfor %}</nav>
{% if request.user.is_authenticated %}<p>{{ request.user.username }}</p>{% endif %}{{ page.body|richtext }}{% wagtailuserbar %}</body></html>"""
FILL = """
import os, sys, django
django.setup()
from django.contrib.auth import get_user_model, login
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from wagtail.models import Page, Site
from pages.models import LessonPage
root = Page.objects.get(depth=1)
for child in root.get_children():
    child.delete()
root = Page.objects.get(depth=1)
home = root.add_child(instance=LessonPage(title="home", slug="home", body="home"))
page = home.add_child(instance=LessonPage(title="lesson", slug="lesson", body=open(os.environ["BENCH_BODY"], encoding="utf-8").read()))
Site.objects.all().delete()
Site.objects.create(hostname="127.0.0.1", root_page=home, is_default_site=True)
user = User.objects.create_user("reader", password="a sentence of my own")
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print(session.session_key)
"""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="sophora-bench-") as name:
        folder = Path(name)
        environment = os.environ | {
            "SOPHORA_DATA_DIR": name,
            "SOPHORA_LOG_LEVEL": "error",
            "SOPHORA_RATE_LIMITS": "false",
        }
        for command in (["migrate"], ["course", "load"]):
            subprocess.run(
                [sys.executable, "-m", "app.cli", *command],
                cwd=ROOT,
                env=environment,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        port = free_port()
        ours = serve(["app.main:create_app", "--factory"], port, environment)
        try:
            body = asyncio.run(first_answer(port)).decode()
            session = make_site(folder / "site", body)
            compare("visitor", port, folder / "site", "on", {}, {}, goal=2)
            cookie = sign_up(port)
            compare("signed in", port, folder / "site", "off", cookie, {"sessionid": session}, goal=8)
        finally:
            end(ours)


def compare(
    who: str,
    port: int,
    site: Path,
    cache: str,
    our_cookies: dict[str, str],
    their_cookies: dict[str, str],
    *,
    goal: float,
) -> None:
    other = free_port()
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "settings", "BENCH_CACHE": cache}
    command = [
        python(),
        "-m",
        "gunicorn",
        "wsgi:application",
        "--bind",
        f"127.0.0.1:{other}",
        "--workers",
        "1",
        "--threads",
        "8",
        "--log-level",
        "error",
    ]
    wagtail = subprocess.Popen(command, cwd=site, env=environment)
    try:
        asyncio.run(first_answer(other, "/lesson/"))
        rates = []
        for number in told(range(ROUNDS), "round"):
            sides = [(port, LESSON, our_cookies), (other, "/lesson/", their_cookies)]
            measured = {
                side[0]: asyncio.run(requests_a_second(*side))
                for side in (sides if number % 2 == 0 else sides[::-1])
            }
            rates.append((measured[port], measured[other]))
    finally:
        end(wagtail)
    ratios = [a / b for a, b in rates]
    ours, theirs = (statistics.median(side) for side in zip(*rates, strict=True))
    print(f"{who}: ours {ours:.0f} requests/s, Wagtail {theirs:.0f} requests/s")
    print(
        f"ratio {statistics.median(ratios):.1f} (goal >= {goal}), range {min(ratios):.1f} to {max(ratios):.1f}"
    )


def make_site(site: Path, body: str) -> str:
    """A Wagtail project of one page; returns the key of a signed-in session."""
    if not (TOOLS / "bin" / "python").exists():
        subprocess.run(["uv", "venv", "--quiet", "--python", sys.executable, str(TOOLS)], check=True)
        subprocess.run(["uv", "pip", "install", "--quiet", "--python", python(), *PACKAGES], check=True)
    (site / "pages" / "migrations").mkdir(parents=True)
    (site / "templates").mkdir()
    (site / "body.html").write_text(body, encoding="utf-8")
    files = {
        "settings.py": SETTINGS, "urls.py": URLS, "pages/models.py": MODELS, "pages/__init__.py": "", "pages/migrations/__init__.py": "", "templates/lesson.html": TEMPLATE,
        "wsgi.py": "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n", "fill.py": FILL,
    }  # fmt: skip
    for name, text in files.items():
        (site / name).write_text(textwrap.dedent(text), encoding="utf-8")
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "settings",
        "BENCH_BODY": str(site / "body.html"),
        "PYTHONPATH": str(site),
    }
    for command in (["makemigrations", "pages"], ["migrate"]):
        subprocess.run(
            [python(), "-m", "django", *command, "--verbosity", "0"], cwd=site, env=environment, check=True
        )
    filled = subprocess.run(
        [python(), "fill.py"], cwd=site, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return filled.stdout.split()[-1]


def sign_up(port: int) -> dict[str, str]:
    with httpx.Client(
        base_url=f"http://127.0.0.1:{port}", headers={"Sec-Fetch-Site": "same-origin"}
    ) as browser:
        answer = browser.post("/sign-up", data={"name": "bench", "password": "a sentence of my own"})
        assert answer.status_code == 303, answer.text
        return dict(browser.cookies)


def python() -> str:
    return str(TOOLS / "bin" / "python")


if __name__ == "__main__":
    main()
