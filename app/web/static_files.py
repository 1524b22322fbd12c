"""Bundled files: named by content hash, so cached for ever; sent as brotli or gzip where esbuild.mjs made one.

An unknown name may belong to another version that runs beside this one, or ran before: it is looked up in the store, where each
version puts its own (see app/web/assets.py).
"""

import re
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.web.assets import stored_key

_HASHED = re.compile(r"(?:[a-z0-9_-]{1,60}/){0,2}[A-Za-z0-9._-]{1,80}-[A-Z0-9]{8}\.[a-z0-9]{2,5}")
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))


FOR_EVER = {"Vary": "Accept-Encoding", "Cache-Control": "public, max-age=31536000, immutable"}


class ImmutableFiles(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        try:
            return await self._of_this_version(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or not _HASHED.fullmatch(path):
                raise
            content = await scope["app"].state.files.fetch(stored_key(path))
            if content is None:
                raise
        return Response(content, media_type=self._media_type(path), headers=FOR_EVER)

    async def _of_this_version(self, path: str, scope: Scope) -> Response:
        accepted = Headers(scope=scope).get("accept-encoding", "")
        for encoding, suffix in ENCODINGS:
            if encoding in accepted and self.lookup_path(path + suffix)[1] is not None:
                response = await super().get_response(path + suffix, scope)
                response.headers["Content-Encoding"] = encoding
                response.headers["Content-Type"] = self._media_type(path)
                break
        else:
            response = await super().get_response(path, scope)
        response.headers.update(FOR_EVER)
        return response

    @staticmethod
    def _media_type(path: str) -> str:
        known = {
            ".js": "text/javascript; charset=utf-8",
            ".css": "text/css; charset=utf-8",
            ".svg": "image/svg+xml",
            ".json": "application/json",
            ".wasm": "application/wasm",
        }
        return known.get(Path(path).suffix, "application/octet-stream")
