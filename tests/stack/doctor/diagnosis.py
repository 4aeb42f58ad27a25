"""The doctor, run as `make doctor` does, and what it said."""

import asyncio
import json
import os
import sys
import time

from tests.support.stack import REPOSITORY, Stack

FAR = {"DOCKER_HOST": "unix:///nowhere"}
"""As on a machine that has only the address."""
TLS = "AUTHORITY" in os.environ
"""Whether the stack under test speaks TLS, with a certificate of the tests' authority (tests/test.sh)."""


class Diagnosis:
    """What the doctor said, by the names of the checks."""

    def __init__(self, status: int, printed: str, took: float) -> None:
        self.status = status
        self.printed = printed
        self.took = took
        self.findings: list[dict[str, str]] = json.loads(printed)["findings"]

    def named(self, *outcomes: str) -> dict[str, str]:
        """What was said by the checks that came out so."""
        return {each["name"]: each["said"] for each in self.findings if each["outcome"] in outcomes}

    @property
    def wrong(self) -> dict[str, str]:
        return self.named("wrong")


async def doctor(stack: Stack, url: str = "", **environment: str) -> Diagnosis:
    """Run it as `make doctor` does, on this stack, or on what has that address."""
    begun = time.monotonic()
    process = await run(stack, ["--json", *([url] if url else [])], environment)
    printed, complained = await asyncio.wait_for(process.communicate(), 60)
    assert (process.returncode in (0, 1, 2), complained.decode()) == (True, "")
    return Diagnosis(process.returncode or 0, printed.decode(), time.monotonic() - begun)


async def run(stack: Stack, arguments: list[str], environment: dict[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "doctor",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "PYTHONPATH": f"{REPOSITORY}/web:{REPOSITORY}/setup",
            "COMPOSE_PROJECT_NAME": stack.project,
            "COMPOSE_ENV_FILES": os.devnull,
        }
        | {name: os.environ[name] for name in ("SSL_CERT_FILE",) if name in os.environ}
        | stack.settings
        | environment,
    )
