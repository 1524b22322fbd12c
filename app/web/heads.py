"""Pure ASGI middleware: HEAD is answered like GET, without the body. Every readable address supports both."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class AnswerHeads:
    """Outermost, so that cached pages answer too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            return await self.app(scope, receive, send)
        is_over = False

        async def send_head(message: Message) -> None:
            nonlocal is_over
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b""})
                is_over = True

        async def receive_until_over() -> Message:
            # Endless streams (live events) end when their client has disconnected.
            return {"type": "http.disconnect"} if is_over else await receive()

        # The server's own scope still says HEAD: it sends no body, whatever Content-Length says.
        await self.app({**scope, "method": "GET"}, receive_until_over, send_head)
