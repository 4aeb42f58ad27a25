"""Dependencies point one way: __main__ → app → {events, pages, health, …} → {people, rooms, messages} →
relay."""

import ast
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "web"

# What each module may import of its own package; one that is not named here, nothing.
RELAY = {
    "__init__": {"log", "relay", "server"},
    "relay": {"fanout", "local", "log", "manager"},
    "server": {"engine", "local", "manager", "packets"},
    "engine": {"routing", "session", "websocket"},
    "session": {"fanout", "frames", "packets", "websocket"},
    "local": {"fanout", "members", "memory"},
    "manager": {"bus", "fanout", "follower", "link", "log", "members", "names", "redis_log"},
    "members": {"fanout"},
    "redis_log": {"link", "log", "names"},
    "bus": {"link", "log"},
    "fanout": {"frames", "log"},
    "follower": {"log"},
    "link": {"log"},
    "memory": {"log"},
}
CHAT = {
    "__main__": {"app", "logs", "settings"},
    "app": {"events", "headers", "health", "hosts", "messages", "pages", "settings", "static"},
    "events": {"messages", "people", "refusals", "rooms"},
    "messages": {"people", "refusals"},
    "rooms": {"refusals"},
    "pages": {"rooms"},
}
# The only ones of chat that know relay.
KNOWS_RELAY = {"__main__", "app", "events", "health", "messages"}


def imports(module: Path) -> set[str]:
    """Return the dotted names that a module imports, `from a import b` as both `a` and `a.b`."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively; name the package"
            found |= {f"{node.module}", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def siblings(module: Path) -> set[str]:
    package = module.parent
    names = {name.split(".")[1] for name in imports(module) if name.startswith(f"{package.name}.")}
    return {name for name in names if (package / f"{name}.py").exists()}


@pytest.mark.parametrize("module", sorted(WEB.glob("relay/*.py")), ids=lambda path: path.stem)
def test_relay_knows_nothing_of_chat(module: Path) -> None:
    """So that it can be lifted into another application."""
    assert not any(name.split(".")[0] == "chat" for name in imports(module))
    assert siblings(module) <= RELAY.get(module.stem, set())


@pytest.mark.parametrize("module", sorted(WEB.glob("chat/*.py")), ids=lambda path: path.stem)
def test_chat_imports_only_downwards(module: Path) -> None:
    """The leaves import no sibling, and few know that there is a relay."""
    assert siblings(module) <= CHAT.get(module.stem, set())
    if module.stem not in KNOWS_RELAY:
        assert not any(name.split(".")[0] == "relay" for name in imports(module))
