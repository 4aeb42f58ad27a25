"""Dependencies point one way: chat → relay, and among the folders of each as listed here."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
WEB = REPOSITORY / "web"

FOLDERS = {
    "relay": {
        "relay.admin",
        "relay.delivery",
        "relay.log",
        "relay.memory",
        "relay.recovery",
        "relay.redis",
        "relay.redis.cluster",
        "relay.support",
        "relay.transport",
    },
    "relay.admin": {"relay.delivery", "relay.log", "relay.transport"},
    "relay.transport": {"relay.delivery", "relay.support"},
    "relay.redis": {"relay.delivery", "relay.log", "relay.memory", "relay.support"},
    "relay.redis.cluster": {"relay.log", "relay.redis", "relay.support"},
    "relay.memory": {"relay.log"},
    "relay.delivery": {"relay.log", "relay.support"},
    "relay.log": set(),
    "relay.recovery": set(),
    "relay.support": set(),
    "chat": {
        "chat.domain",
        "chat.events",
        "chat.files",
        "chat.http",
        "chat.observe",
        "chat.oidc",
        "chat.people",
        "chat.rooms",
    },
    "chat.events": {"chat.domain", "chat.files", "chat.http", "chat.observe", "chat.people", "chat.rooms"},
    "chat.files": {"chat.domain"},
    "chat.http": {"chat.domain", "chat.files", "chat.oidc", "chat.people", "chat.rooms"},
    "chat.oidc": {"chat.domain", "chat.people"},
    "chat.rooms": {"chat.domain", "chat.people"},
    "chat.people": {"chat.domain"},
    "chat.observe": set(),
    "chat.domain": set(),
}
"""What the modules of a folder may import of their own package, beside each other."""
PUBLIC = {"relay", "relay.client", "relay.outside"}
"""What others may import of the relay. The rest is private."""
LIBRARIES = {
    "relay.admin": {"socketio"},
    "relay.log": set(),
    "relay.memory": set(),
    "relay.recovery": {"socketio"},
    "relay.support": {"orjson"},
    "relay.redis": {"redis", "hiredis"},
    "relay.redis.cluster": {"redis", "hiredis"},
    "relay.delivery": {"engineio", "socketio"},
    "relay.transport": {"engineio", "socketio", "starlette", "uvicorn", "httptools", "websockets"},
    "chat.domain": set(),
    "chat.files": {"obstore", "PIL"},
    "chat.oidc": {"authlib", "httpx2", "joserfc"},
    "chat.people": set(),
    "chat.rooms": set(),
    "chat.observe": {"prometheus_client", "socketio", "starlette"},
}
"""What a folder may import of others, where that is the point of it."""
OTHERS = set().union(*LIBRARIES.values()) | {"itsdangerous", "jinja2", "segno", "uvloop"}

MODULES = sorted((*WEB.glob("relay/**/*.py"), *WEB.glob("chat/**/*.py")))


def name_of(module: Path) -> str:
    return ".".join(module.relative_to(WEB).with_suffix("").parts).removesuffix(".__init__")


def folder_of(name: str) -> str:
    """The folder that a module or a package lies in; of a folder, itself."""
    return name if (WEB / name.replace(".", "/")).is_dir() else name.rpartition(".")[0]


def modules_in(folder: str) -> list[Path]:
    return [module for module in MODULES if folder_of(name_of(module)) == folder]


@cache
def imports(module: Path) -> set[str]:
    """The modules that a module imports, dotted."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively; name the package"
            below = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = {name for name in below if list(WEB.glob(f"{name.replace('.', '/')}*"))}
            found |= modules if modules == below else modules | {str(node.module)}
    return found


@pytest.mark.parametrize("folder", FOLDERS)
def test_dependencies_point_one_way(folder: str) -> None:
    package = folder.partition(".")[0]
    for module in modules_in(folder):
        own = {folder_of(name) for name in imports(module) if name.partition(".")[0] == package}
        assert own - {folder} <= FOLDERS[folder], name_of(module)


@pytest.mark.parametrize("folder", [name for name in FOLDERS if name.startswith("relay")])
def test_the_relay_knows_no_application(folder: str) -> None:
    for module in modules_in(folder):
        assert not any(name.partition(".")[0] == "chat" for name in imports(module)), name_of(module)


def test_the_relays_client_imports_nothing_of_the_server() -> None:
    imported = {name for name in imports(WEB / "relay/client.py") if name.partition(".")[0] == "relay"}
    assert {folder_of(name) for name in imported} == {"relay.recovery"}


@pytest.mark.parametrize("folder", ["web/chat", "docs/examples", "setup/doctor"])
def test_what_uses_the_relay_uses_its_public_modules(folder: str) -> None:
    modules = list((REPOSITORY / folder).rglob("*.py"))
    assert modules
    for module in modules:
        used = {name for name in imports(module) if name.partition(".")[0] == "relay"}
        assert used <= PUBLIC, module


@pytest.mark.parametrize("folder", sorted(name for name in FOLDERS if name.startswith("relay.")))
def test_a_folder_of_the_relay_says_that_it_is_private(folder: str) -> None:
    module = ast.parse((WEB / folder.replace(".", "/") / "__init__.py").read_text())
    assert "Private: use what `relay` offers." in str(ast.get_docstring(module))


@pytest.mark.parametrize("folder", LIBRARIES)
def test_a_folder_imports_the_libraries_it_is_about(folder: str) -> None:
    for module in modules_in(folder):
        used = {name.partition(".")[0] for name in imports(module)} & OTHERS
        assert used <= LIBRARIES[folder], name_of(module)


def test_every_folder_has_its_rule() -> None:
    assert {folder_of(name_of(module)) for module in MODULES} == set(FOLDERS)


SCRIPTS = WEB / "static/js"
PAGE = {
    "": {"relay", "model", "text", "view", "view/room", "moderation", "membership", "doorway"},
    "files": {"actions", "relay", "model", "text", "view"},
    "actions": {"view/room", "model", "text"},
    "doorway": {"relay"},
    "moderation": {"text"},
    "membership": {"view", "text"},
    "view/room": {"view", "model", "text"},
    "view": {"model", "text"},
    "model": {"relay", "text"},
    "relay": set(),
    "text": set(),
}
"""What the page's scripts in a folder may import, beside each other."""


def folder_of_script(script: Path) -> str:
    return script.parent.relative_to(SCRIPTS).as_posix().removeprefix(".")


@pytest.mark.parametrize("folder", PAGE)
def test_the_pages_dependencies_point_one_way(folder: str) -> None:
    scripts = list((SCRIPTS / folder).glob("*.js"))
    assert scripts
    for script in scripts:
        imported = re.findall(r"""from "(\.[^"]+)";$""", script.read_text(), re.MULTILINE)
        targets = [(script.parent / path).resolve() for path in imported]
        assert all(target.exists() for target in targets), script
        assert set(map(folder_of_script, targets)) - {folder} <= PAGE[folder], script


def test_every_folder_of_scripts_has_its_rule() -> None:
    assert set(map(folder_of_script, SCRIPTS.rglob("*.js"))) == set(PAGE)
