"""`python -m tests.faults.reborn_server PORT`: a web server that is replaced at once whenever it is killed.

The code is imported once; each replacement is a fork with its own application and connections. So a test can kill it
fifty times without waiting fifty times for imports.
"""

import os
import socket
import sys

import uvicorn

import app.main


def serve(listening: socket.socket) -> None:
    config = uvicorn.Config(app.main.create_app, factory=True, log_level="warning")
    uvicorn.Server(config).run(sockets=[listening])


def main(port: int) -> None:
    listening = socket.create_server(("127.0.0.1", port), backlog=128)
    while True:
        child = os.fork()
        if child == 0:
            serve(listening)
            os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
