"""Who may use the page: where the server listens, and whether it wants a token."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
import socket
from dataclasses import dataclass
from urllib.parse import quote

from resnet_bench.errors import UsageError
from resnet_bench.loopback import is_loopback

TOKEN_CHARACTERS = 16
_AUTO = "auto"


@dataclass(frozen=True)
class Access:
    """``token`` ``None``: whoever can reach ``host`` is let in."""

    host: str
    token: str | None

    @classmethod
    def of(cls, host: str, token: str | None, *, no_auth: bool) -> Access:
        """As the user says. The token ``auto`` is made here.

        Raises:
            UsageError: others than this machine's programs could call, and it is not said how that is meant.
        """
        if not host:
            raise UsageError("--host is empty", "give 0.0.0.0 to listen on every address of this machine")
        if token is not None and no_auth:
            raise UsageError("--token and --no-auth contradict each other", "give one of them")
        if token is None and not no_auth and not is_loopback(host):
            raise UsageError(
                f"with --host {host} whoever reaches this machine can classify on it, and on the Lambda behind it",
                "give --token auto, or say --no-auth if that is meant",
            )
        if token == _AUTO:
            return cls(host, secrets.token_urlsafe(TOKEN_CHARACTERS))
        if token is not None and (len(token) < TOKEN_CHARACTERS or not token.isascii() or not token.isprintable()):
            raise UsageError(
                f"--token needs at least {TOKEN_CHARACTERS} characters of ASCII", "--token auto makes a good one"
            )
        return cls(host, token)

    @property
    def names(self) -> frozenset[str]:
        """What this machine is called, beside its addresses."""
        if is_loopback(self.host):  # its programs have no other name for it, and asking for one may take the network
            return frozenset({"localhost"})
        return frozenset({"localhost", self.host.lower(), socket.gethostname().lower(), socket.getfqdn().lower()})

    @property
    def ticket(self) -> str | None:
        """What a browser is given for the token: letters and digits, and nothing to guess the token by."""
        return None if self.token is None else hashlib.sha256(self.token.encode()).hexdigest()

    def address(self, port: int) -> str:
        """Where to open the page, with the token if there is one."""
        host = _outward() if _is_everywhere(self.host) else self.host
        shown = f"[{host}]" if ":" in host else host
        query = "" if self.token is None else f"?token={quote(self.token, safe='')}"
        return f"http://{shown}:{port}/{query}"

    def exposure(self) -> tuple[str, ...]:
        """What is to be known where others than this machine's programs can call; nothing where they cannot."""
        if is_loopback(self.host):
            return ()
        who = "whoever has its token" if self.token else "whoever reaches it, without any token,"
        return (
            f"exposed on {self.host}: {who} can classify here",
            "and on the Lambda, and reads this session and results/; it is plain HTTP:",
            "images, results and the token can be read on the way",
        )


def _is_everywhere(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _outward() -> str:
    """The address by which others in the network reach this machine, or its name where it has none.

    A datagram socket that is connected sends nothing: the kernel only looks up by which way it would (RFC 5737's
    address, which is nobody's).
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()
