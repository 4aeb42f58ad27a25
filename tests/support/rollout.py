"""The rollout of a stack of the tests' own: `make rollout`, under its name and address."""

import os
import subprocess

from tests.support.stack import REPOSITORY, Stack


class Rollout:
    """Under way from construction on."""

    def __init__(self, stack: Stack, **settings: str) -> None:
        own = {"COMPOSE_PROJECT_NAME": stack.project, "COMPOSE_ENV_FILES": os.devnull} | stack.settings
        self._process = subprocess.Popen(
            [REPOSITORY / "setup/rollout.sh"],
            env=os.environ | own | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def is_over(self, within: float) -> bool:
        """Whether it has ended, or does in so many seconds."""
        try:
            self._process.wait(within)
        except subprocess.TimeoutExpired:
            return False
        return True

    def ends(self, well: bool = True) -> str:
        """Wait for it; return what it said."""
        said, _ = self._process.communicate(timeout=180)
        assert (self._process.returncode == 0) == well, f"it ended with {self._process.returncode}:\n{said}"
        return said
