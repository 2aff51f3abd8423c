"""The listening socket, bound before anything slow happens, so that a busy port is known at once."""

import errno
import socket

from clustr.cli.refusal import Refusal

BACKLOG = 4096
#: Seconds for which a peer may leave what was sent to it untaken. A closed socket's last bytes would else stay in the
#: kernel, megabytes of them, for as long as a tablet that does not read is switched on.
UNTAKEN_S = 30


def listen(host: str, port: int) -> socket.socket:
    """Bind and listen. Connections wait in the backlog until the server accepts. Raises `Refusal`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise Refusal(
            f"Cannot listen on {host}: {error.strerror}; choose another address with --host."
        ) from None
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # Every connection inherits it (Linux).
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNTAKEN_S * 1000)
    try:
        listener.bind(address)
        # Not only bound: two processes may bind one port with SO_REUSEADDR as long as neither listens.
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise Refusal(_reason(error, host, port)) from None
    listener.setblocking(False)
    return listener


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use: stop what listens there, or choose another with --port."
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights than this user has: choose one above 1023 with --port."
    return f"Cannot listen on {host}:{port} ({error.strerror}): choose others with --host and --port."


def url_of(listener: socket.socket, host: str) -> str:
    """The address a browser on this machine uses."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{listener.getsockname()[1]}"


def names_of_this_machine(host: str) -> list[str]:
    """What else others on the network may call us, when `host` stands for every address; else nothing."""
    if host not in ("0.0.0.0", "::"):  # noqa: S104
        return []
    names = {socket.gethostname(), "localhost", "127.0.0.1", "[::1]"}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Sends nothing: it only asks the kernel which address it would send from. (RFC 5737: nobody is there.)
            probe.connect(("192.0.2.1", 9))
            names.add(probe.getsockname()[0])
        except OSError:
            pass
    return sorted(names)
