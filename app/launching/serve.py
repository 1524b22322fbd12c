"""`python -m app.launching.serve FD`: the web server of `sophora run`, on a socket that the launcher has opened and keeps.

So readers who connect during a restart wait for a moment instead of being refused, and no other process takes the port.
"""

import socket
import sys

import uvicorn

# Open requests must end within this time when the server is told to stop.
GOODBYE_SECONDS = 8


def main(descriptor: int) -> None:
    from app.main import create_app
    from app.web.connections import BoundedConnection

    app = create_app()
    # The launcher prepares the database meanwhile, and closes this input when done.
    sys.stdin.read()
    config = uvicorn.Config(
        app,
        http=BoundedConnection,
        server_header=False,
        proxy_headers=False,
        log_config=None,
        timeout_graceful_shutdown=GOODBYE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    main(int(sys.argv[1]))
