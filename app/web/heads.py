"""Pure ASGI middleware: HEAD is answered as GET is, without the body. Every address that can be read has both."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class AnswerHeads:
    """Outermost, so that kept pages answer too."""

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
            # What streams for ever, live events, ends when its reader has left.
            return {"type": "http.disconnect"} if is_over else await receive()

        # The server's own scope still says HEAD: it sends no body, whatever Content-Length says.
        await self.app({**scope, "method": "GET"}, receive_until_over, send_head)
