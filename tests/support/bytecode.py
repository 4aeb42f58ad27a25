"""Where Pythons that tests start find bytecode."""

import os


def environment(**variables: str) -> dict[str, str]:
    """The environment of a Python that gets nothing else of this one's. It reads the bytecode that this one
    wrote, and leaves none. In a tree that may not be written to it would else compile every module."""
    place = {name: value for name, value in os.environ.items() if name == "PYTHONPYCACHEPREFIX"}
    return place | {"PYTHONDONTWRITEBYTECODE": "1"} | variables
