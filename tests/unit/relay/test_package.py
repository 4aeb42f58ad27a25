"""The relay is a package of its own: what its wheel holds, says of itself and asks for."""

import ast
import inspect
import re
import subprocess
import sys
from dataclasses import fields
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import relay
from packaging.requirements import Requirement
from relay import Options

from tests.support import bytecode, relay_document
from tests.support.wheel import CHAT, PACKAGE, newest, oldest, requirements

REPOSITORY = Path(__file__).parents[3]

DISTRIBUTIONS = {"engineio": "python-engineio", "socketio": "python-socketio"}
"""What provides a module, where its name is another."""


@pytest.fixture(scope="module")
def held(wheel: Path) -> dict[str, bytes]:
    """The wheel's files. Those about it are named without the release."""
    with ZipFile(wheel) as archive:
        return {name.split("dist-info/")[-1]: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def metadata(held: dict[str, bytes]) -> Message:
    return message_from_bytes(held["METADATA"])


def test_the_wheel_holds_every_module_the_scripts_of_redis_and_the_mark_of_types(
    held: dict[str, bytes],
) -> None:
    wanted = {
        file.relative_to(PACKAGE.parent).as_posix(): file.read_bytes()
        for pattern in ("*.py", "*.lua", "py.typed")
        for file in PACKAGE.rglob(pattern)
    }
    assert {"relay/py.typed", "relay/__init__.py", "relay/redis/append.lua"} <= set(wanted)
    assert {name: text for name, text in held.items() if name.startswith("relay/")} == wanted


def test_the_wheel_has_the_license_and_says_what_the_package_is(
    held: dict[str, bytes], metadata: Message
) -> None:
    assert metadata["Name"] == "tertulia-relay"
    assert metadata["License-Expression"] == CHAT["license"] == "MIT"
    assert held["licenses/LICENSE"] == (REPOSITORY / "LICENSE").read_bytes()
    assert metadata.get_payload() == (PACKAGE / "README.md").read_text()
    assert "Typing :: Typed" in metadata.get_all("Classifier", [])


def test_it_has_the_chats_version_and_needs_its_python(metadata: Message) -> None:
    """One changelog is about both."""
    assert metadata["Version"] == CHAT["version"]
    assert metadata["Requires-Python"] == CHAT["requires-python"]


def test_it_asks_for_what_it_imports(metadata: Message) -> None:
    imported = {
        name.partition(".")[0]
        for module in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(module.read_text()))
        for name in names(node)
    }
    imported.add("httptools")  # by uvicorn's protocol; uvicorn itself doesn't ask for it
    needed = {DISTRIBUTIONS.get(name, name) for name in imported - sys.stdlib_module_names - {"relay"}}
    asked = [Requirement(line) for line in metadata.get_all("Requires-Dist", [])]
    assert {each.name for each in asked if each.marker is None} == needed


def test_the_document_has_the_ranges_of_what_applications_pin_themselves(metadata: Message) -> None:
    said = [Requirement(each) for each in re.findall(r"`([a-z-]+>=[\d.]+,<=?[\d.]+)`", relay_document.text())]
    asked = {each.name: each for each in map(Requirement, metadata.get_all("Requires-Dist", []))}
    assert len(said) == 6
    assert said == [asked[each.name] for each in said]


def test_what_is_public_says_what_it_is_without_the_source() -> None:
    """A docstring of each class and method, which names no file: users are not asked to read those."""
    documented = [getattr(relay, name) for name in relay.__all__]
    classes = [each for each in documented if isinstance(each, type)]
    functions: list[Any] = [each for each in documented if inspect.isfunction(each)]
    for each in classes:
        for base in each.__mro__:
            if base.__module__.startswith("relay"):
                functions += [
                    method.fget if isinstance(method, property) else getattr(method, "__func__", method)
                    for name, method in vars(base).items()
                    if not name.startswith("_")
                ]
    functions = [each for each in functions if inspect.isfunction(each)]
    assert len(functions) > 100
    without = [each for each in (*classes, *functions) if not inspect.getdoc(each)]
    elsewhere = [
        each for each in (*classes, *functions) if re.search(r"\w\.py\b", inspect.getdoc(each) or "")
    ]
    assert (without, elsewhere) == ([], [])


def test_the_page_of_features_has_each_option_with_its_default() -> None:
    page = (relay_document.DOCS / "relay-features.md").read_text()
    below = page.partition("\n## Options\n")[2].partition("\n## ")[0]
    listed = dict(re.findall(r"^\| `(\w+)` \| (.+?) \| ", below, re.MULTILINE))
    assert list(listed) == [field.name for field in fields(Options)]
    assert listed.pop("address_of") == "the first of `client`"
    defaults = {name: eval(value.strip("`")) for name, value in listed.items()}
    assert defaults == {name: getattr(Options(), name) for name in defaults}


def names(node: ast.AST) -> list[str]:
    """The modules that a statement imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [str(node.module)] if isinstance(node, ast.ImportFrom) else []


@pytest.mark.parametrize("requirement", requirements(), ids=lambda each: each.name)
def test_a_range_begins_with_a_release_and_ends(requirement: Requirement) -> None:
    assert sorted(bound.operator[0] for bound in requirement.specifier) == ["<", ">"]
    assert len([each for each in oldest() if each.startswith(f"{requirement.name}==")]) == 1


@pytest.mark.parametrize("requirement", requirements(), ids=lambda each: each.name)
def test_what_the_chat_and_its_tests_run_with_is_in_the_range(requirement: Requirement) -> None:
    """And where the range has an end that is tested, it is that."""
    [version] = [line.partition("==")[2] for line in newest() if Requirement(line).name == requirement.name]
    assert version in requirement.specifier
    assert [bound.version for bound in requirement.specifier if bound.operator == "<="] in ([], [version])


AUDIT = """
import sys
sys.modules["requests"] = None  # python-engineio imports it where it is; its urllib3 binds a socket
seen = []
def note(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.system", "os.mkdir", "os.remove", "os.rename")):
        seen.append((event, arguments))
    if event == "open" and not str(arguments[0]).endswith((".py", ".pyc", ".so", ".pth")):
        seen.append((event, arguments))
sys.addaudithook(note)
from relay import *
print(seen)
"""


def test_importing_it_does_nothing_but_import(tmp_path: Path) -> None:
    """It reads no file but modules, and opens no socket."""
    environment = bytecode.environment(PYTHONPATH=str(PACKAGE.parent))
    ran = subprocess.run([sys.executable, "-c", AUDIT], env=environment, capture_output=True, cwd=tmp_path)
    assert (ran.stdout, ran.stderr) == (b"[]\n", b"")


def test_a_public_name_is_where_the_types_say() -> None:
    """Each of them is found when it is asked for, and nothing else is."""
    typed = {
        alias.name: node.module
        for node in ast.walk(ast.parse((PACKAGE / "__init__.py").read_text()))
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("relay.")
        for alias in node.names
    }
    assert typed == {name: module for module, names in relay.MODULES.items() for name in names.split()}
    assert sorted(typed) == sorted(relay.__all__)
    assert all(hasattr(relay, name) for name in relay.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        relay.Nothing  # noqa: B018


@pytest.mark.parametrize("statement", ["import relay.client", "from relay import client", "import relay"])
def test_the_client_alone_loads_nothing_of_the_server(statement: str) -> None:
    """It takes two thirds of the time that the server takes to load as well."""
    code = f"import sys; {statement}; print({{'uvicorn', 'starlette', 'relay.server'}} & sys.modules.keys())"
    environment = bytecode.environment(PYTHONPATH=str(PACKAGE.parent))
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    assert ran.stdout == b"set()\n"


def test_its_keys_in_redis_begin_with_its_own_name() -> None:
    assert Options().prefix == "relay:"
