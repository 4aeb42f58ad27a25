"""Dependencies point one way: __main__ → app → {events, pages, sign_in, …} → {identity, people, rooms, …} →
relay."""

import ast
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "web"

# What each module may import of its own package; one that is not named here, nothing.
RELAY = {
    "__init__": {
        "buckets",
        "condition",
        "histogram",
        "log",
        "presence",
        "reading",
        "relay",
        "rules",
        "server",
        "store",
        "vitals",
    },
    "relay": {"buckets", "condition", "fanout", "local", "log", "manager", "presence", "rules", "store"},
    "draining": {"fanout", "session"},
    "server": {
        "draining",
        "engine",
        "fanout",
        "local",
        "manager",
        "packets",
        "reading",
        "routing",
        "session",
        "utf8_json",
        "vitals",
    },
    "answers": {"buffers", "door"},
    "engine": {
        "answers",
        "arrivals",
        "buffers",
        "door",
        "environ",
        "frames",
        "origin",
        "polls",
        "routing",
        "session",
        "websocket",
    },
    "polls": {"frames"},
    "session": {"buffers", "fanout", "frames", "packets", "polls", "reading", "routing", "websocket"},
    "frames": {"buffers"},
    "reading": {"buffers"},
    "websocket": {"answers", "buffers"},
    "local": {"fanout", "members", "memory", "memory_store", "presence"},
    "manager": {
        "bus",
        "condition",
        "connector",
        "fanout",
        "follower",
        "link",
        "log",
        "members",
        "names",
        "presence",
        "redis_log",
        "redis_store",
        "roster",
        "utf8_json",
        "vitals",
    },
    "members": {"fanout", "presence"},
    "log": {"buckets", "rules"},
    "redis_log": {"buckets", "link", "log", "names", "redis_rules", "rules", "script", "shared"},
    "redis_rules": {"link", "names", "reserve", "rules"},
    "redis_store": {"link", "names", "reserve", "script", "store"},
    "script": {"link"},
    "roster": {"link", "log", "names", "presence", "reserve", "utf8_json"},
    "bus": {"connector", "link", "log", "reserve"},
    "reserve": {"link", "script"},
    "fanout": {"frames", "log", "utf8_json"},
    "follower": {"log"},
    "link": {"connector", "histogram", "log"},
    "condition": {"link"},
    "vitals": {"histogram"},
    "memory": {"buckets", "log", "memory_rules", "rules"},
    "memory_rules": {"rules"},
    "memory_store": {"store"},
}
CHAT = {
    "__main__": {"app", "logs", "settings"},
    "access": {"address", "refusals"},
    "address": {"refusals"},
    "admission": {"access", "address", "identity", "known_names", "moderators", "people", "refusals"},
    "app": {
        "access",
        "address",
        "admission",
        "audit",
        "badge",
        "events",
        "headers",
        "health",
        "hosts",
        "identity",
        "known_names",
        "limits",
        "loop_lag",
        "messages",
        "metrics",
        "memory",
        "moderation",
        "moderators",
        "pages",
        "purge",
        "registry",
        "requests",
        "rooms",
        "sanctions",
        "settings",
        "sign_in",
        "socket_path",
        "static",
        "tally",
        "whereabouts",
    },
    "answers": {"messages", "refusals"},
    "arguments": {"refusals"},
    "audit": {"people", "refusals"},
    "badge": {"address", "audit", "identity", "known_names", "moderators", "pages", "refusals", "sign_in"},
    "events": {
        "address",
        "admission",
        "answers",
        "arguments",
        "identity",
        "limits",
        "messages",
        "people",
        "refusals",
        "registry",
        "rooms",
        "sanctions",
        "tally",
        "visits",
        "whereabouts",
    },
    "known_names": {"look_alikes", "refusals"},
    "limits": {"refusals"},
    "logs": {"requests"},
    "identity": {"people", "refusals"},
    "messages": {"people", "refusals"},
    "metrics": {"loop_lag", "tally"},
    "moderation": {
        "address",
        "answers",
        "arguments",
        "audit",
        "events",
        "messages",
        "moderators",
        "people",
        "purge",
        "refusals",
        "rooms",
        "sanctions",
    },
    "purge": {"messages"},
    "moderators": {"access", "refusals"},
    "pages": {"access", "identity", "moderators", "people", "rooms"},
    "people": {"refusals"},
    "registry": {"answers", "limits", "refusals", "tally"},
    "rooms": {"identity", "refusals"},
    "sanctions": {"identity", "people", "refusals"},
    "settings": {"hosts"},
    "sign_in": {"access", "address", "identity", "known_names", "pages", "people", "refusals", "sanctions"},
    "whereabouts": {"people"},
}
# What has to be kept is kept by the relay: these know that there is one.
KNOWS_RELAY = {
    "__main__",
    "access",
    "admission",
    "answers",
    "app",
    "audit",
    "events",
    "health",
    "identity",
    "known_names",
    "limits",
    "loop_lag",
    "messages",
    "metrics",
    "moderation",
    "moderators",
    "pages",
    "purge",
    "registry",
    "rooms",
    "sanctions",
    "settings",
    "sign_in",
    "tally",
    "whereabouts",
}


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
