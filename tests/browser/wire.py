"""The connection between a browser and the server, which a test may cut and restore."""

import socket
import threading
from contextlib import suppress


class Wire:
    """Forwards connections to `address`; while it is cut, nothing gets through and open connections are broken.

    While it is cut `with_502`, each request gets the response of a proxy whose server is gone.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.is_cut = self.says_502 = False
        self.refused = 0
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, *, with_502: bool = False) -> None:
        self.is_cut, self.says_502 = True, with_502
        with self._lock:
            for end in self._open:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self.is_cut = False

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                browser, _ = self._listener.accept()
                if self.is_cut:
                    self._refuse(browser)
                    continue
                server = socket.create_connection(("127.0.0.1", self.port))
                with self._lock:
                    self._open |= {browser, server}
                for source, target in ((browser, server), (server, browser)):
                    threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def _refuse(self, browser: socket.socket) -> None:
        with suppress(OSError), browser:
            if self.says_502 and browser.recv(65536):
                browser.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                self.refused += 1

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._open.discard(source)
        source.close()
