"""What the doctor asks a worker's own Python for."""

import json
import subprocess
import sys
from pathlib import Path

from chat.http import static
from doctor.versions import PACKAGES

WEB = Path(__file__).parents[3] / "web"


def test_a_worker_tells_the_version_of_its_files_and_its_packages() -> None:
    told = subprocess.run(
        [sys.executable, "-c", PACKAGES], cwd=WEB, capture_output=True, text=True, check=True
    )
    version, packages = json.loads(told.stdout)
    assert version == static.version()
    assert "python-socketio" in packages
