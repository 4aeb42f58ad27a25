"""The versions of what was measured, asked of the very images."""

from collections.abc import Sequence

from tests.bench.peers import NODE, OURS, STOCK, Peer, Site

_PYTHON = """
import sys
from importlib.metadata import version
names = ("python-socketio", "uvicorn", "uvloop")
print("Python", sys.version.split()[0], *(f"{name} {version(name)}" for name in names))
"""
_SOCKET_IO = "console.log('socket.io', require('/app/node_modules/socket.io/package.json').version)"
_ASKED = {
    "nginx": ["/usr/sbin/nginx", "-v"],
    "redis": ["/usr/local/bin/redis-server", "--version"],
    OURS.name: [
        "/usr/local/bin/python",
        "-c",
        _PYTHON,
    ],
    STOCK.name: [
        "/usr/local/bin/python",
        "-c",
        _PYTHON,
    ],
    NODE.name: ["/usr/local/bin/node", "-e", f"console.log('Node', process.version); {_SOCKET_IO}"],
}


def versions(site: Site, peers: Sequence[Peer]) -> dict[str, str]:
    """What each of the images says of itself, by service or peer; and the engine's version."""
    names = ["nginx", "redis", *(peer.name for peer in peers if peer.name in _ASKED)]
    return {"docker": str(site.docker.version()["Version"])} | {name: _ask(site, name) for name in names}


def _ask(site: Site, name: str) -> str:
    command = _ASKED[name]
    said: bytes = site.docker.containers.run(
        f"tertulia-bench-{name}",
        command[1:],
        entrypoint=command[:1],
        remove=True,
        network_mode="none",
        stdout=True,
        stderr=True,
    )
    return " ".join(said.decode().split())
