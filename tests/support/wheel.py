"""The relay's wheel, what it asks for, and environments that it is installed into."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from packaging.requirements import Requirement

PACKAGE = Path(__file__).parents[2] / "web/relay"


def project(folder: Path) -> dict[str, Any]:
    """What the pyproject.toml in a folder says of the project."""
    found: dict[str, Any] = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    return found


CHAT, RELAY = project(PACKAGE.parent), project(PACKAGE)

PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")


def build(folder: Path) -> Path:
    """Build the wheel into a folder, without a network, by the build backend that is locked; where it lies.

    Raises CalledProcessError."""
    # Each process that runs tests builds it. By pip, which asks the same backend, it takes three times as
    # long.
    backend = (sys.executable, "-P", "-m", "hatchling", "build", "--target", "wheel")
    subprocess.run([*backend, "--directory", str(folder)], cwd=PACKAGE, check=True, stdout=subprocess.DEVNULL)
    [wheel] = folder.glob("*.whl")
    return wheel


def unpack(wheel: Path, folder: Path) -> None:
    """Put what the wheel holds into a folder. Python finds `relay` there when it is started in it."""
    with ZipFile(wheel) as archive:
        archive.extractall(folder)


def environment(folder: Path, *requirements: str) -> str:
    """Make a virtual environment with the requirements, what these ask for, and nothing else; its Python.
    Needs PyPI. Raises CalledProcessError."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin/python"
    # Under TLS=1 this names the tests' own authority, which did not sign PyPI's certificate.
    variables = {name: value for name, value in os.environ.items() if name != "SSL_CERT_FILE"}
    subprocess.run([*PIP, "--python", str(python), "install", *requirements], env=variables, check=True)
    return str(python)


def requirements() -> list[Requirement]:
    """What the package depends on, the optional too."""
    optional = [line for lines in RELAY["optional-dependencies"].values() for line in lines]
    return [Requirement(line) for line in [*RELAY["dependencies"], *optional]]


def oldest() -> list[str]:
    """The oldest releases that the package accepts, as pip takes them."""
    return [
        f"{each.name}=={bound.version}"
        for each in requirements()
        for bound in each.specifier
        if bound.operator == ">="
    ]


def newest() -> list[str]:
    """The releases that the chat and its tests are locked to, of what the package depends on."""
    needed = {each.name for each in requirements()}
    tests = (Path(__file__).parents[1] / "requirements.in").read_text().splitlines()
    locked = [*CHAT["dependencies"], *(line for line in tests if "==" in line)]
    return [line for line in locked if Requirement(line).name in needed]
