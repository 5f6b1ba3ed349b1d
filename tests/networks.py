"""A network that can be lost: a relay to a server of this machine's, through which a test's client calls it."""

from __future__ import annotations

import select
import socket
import threading
from contextlib import suppress
from typing import Literal, Self

# ``silent``: packets vanish. Nobody answers, and no new connection is accepted, as when a cable is pulled out.
# ``refused``: what was connected is reset, and who tries anew is refused, as when the far machine restarts.
Loss = Literal["silent", "refused"]

_RESET = b"\1\0\0\0\0\0\0\0"
_TICK_S = 0.05
_MANY = 64


class Network:
    """Relays every connection to ``port`` to the server at ``server``, as long as it is not lost.

    In use as a context manager; at its end all connections are closed.
    """

    def __init__(self, server: tuple[str, int]) -> None:
        self._server = server
        self._listener = _listening(0)
        self.port: int = self._listener.getsockname()[1]
        self._up, self._closed = threading.Event(), threading.Event()
        self._up.set()
        self._connections: list[socket.socket] = []
        self._fillers: list[socket.socket] = []
        self._lock = threading.Lock()
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def lose(self, how: Loss) -> None:
        with self._lock:
            self._up.clear()
            if how == "refused":
                self._listener.close()
                self._drop()
            else:
                # A full queue makes the kernel ignore who asks for a connection.
                self._listener.listen(0)
                self._fill()

    def restore(self) -> None:
        """What was connected when it was lost stays dead: who still waits for an answer there waits in vain."""
        with self._lock:
            self._drop()
            if self._listener.fileno() < 0:
                self._listener = _listening(self.port)
            else:
                self._listener.listen(_MANY)
            for filler in self._fillers:
                filler.close()
            self._fillers.clear()
            self._up.set()

    def close(self) -> None:
        self._closed.set()
        self._up.set()
        self._accepting.join()
        with self._lock:
            self._listener.close()
            self._drop()
            for filler in self._fillers:
                filler.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _fill(self) -> None:
        while len(self._fillers) < _MANY:
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
            self._fillers.append(filler)
            if not select.select([], [filler], [], 4 * _TICK_S)[1]:
                return  # this one is ignored already

    def _drop(self) -> None:
        for connection in self._connections:
            with suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                connection.shutdown(socket.SHUT_RD)  # wakes the thread that reads it
            connection.close()
        self._connections.clear()

    def _accept(self) -> None:
        while not self._closed.is_set():
            self._up.wait()
            with suppress(OSError, ValueError):  # lost while it waited
                if not select.select([self._listener], [], [], _TICK_S)[0]:
                    continue
                with self._lock:
                    if not self._up.is_set():
                        continue
                    near = self._listener.accept()[0]
                    far = socket.create_connection(self._server)
                    self._connections += [near, far]
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=self._pump, args=ends, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if not self._up.is_set():
                    return  # what is sent now is lost
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)


def _listening(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port), backlog=_MANY)
