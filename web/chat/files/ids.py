"""The ids of files: 128 random bits, so that nobody finds a file by trying."""

import base64
import re
import secrets

ID = re.compile(r"[a-z2-7]{26}")
"""What an id looks like."""


def new_id() -> str:
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()
