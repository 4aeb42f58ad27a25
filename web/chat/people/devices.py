"""The device: what a browser says of itself, in two words that its person recognises."""

from collections.abc import Mapping
from typing import Any, NamedTuple

LOOKED_AT = 512
"""Characters of what a browser says. Who says more says it at the beginning too."""
BROWSERS = {
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "Edg": "Edge",
    "Chrome/": "Chrome",
    "CriOS/": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iOS",
    "iPad": "iOS",
    "Windows": "Windows",
    "Macintosh": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}
"""A word that is in the header, and the name. The first that is there counts: Edge also calls itself Chrome,
and Chrome calls itself Safari."""


class Device(NamedTuple):
    """Names of a browser and a system; empty where they are not known."""

    browser: str = ""
    system: str = ""

    @classmethod
    def of(cls, user_agent: str) -> "Device":
        """Return the device of a request with this User-Agent."""
        said = user_agent[:LOOKED_AT]
        return cls(_first(BROWSERS, said), _first(SYSTEMS, said))


def user_agent(scope: Mapping[str, Any]) -> str:
    """Return the User-Agent of a request with this ASGI scope; empty if it has none."""
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"user-agent"), "")


def _first(names: dict[str, str], said: str) -> str:
    return next((name for word, name in names.items() if word in said), "")
