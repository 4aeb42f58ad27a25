"""Secrets among the settings: given as they are, or as a file."""

from pathlib import Path

import pytest
from chat.settings import Settings, SettingsError

REDIS = {"REDIS_URL": "redis://redis:6379/0"}


SECRETS = ["REDIS_PASSWORD", "ACCESS_CODE", "ADMIN_CODE", "SECRET_KEY", "FILES_KEY"]
BESIDE = {"FILES_KEY": {"FILES_KEY_ID": "an-id"}}
"""What a secret is of no use without."""


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_may_be_given_as_a_file(tmp_path: Path, name: str) -> None:
    """Which an editor has ended with a line break, or begun with a byte order mark."""
    file = tmp_path / "secret"
    for content in ("s" * 40, f"{'s' * 40}\r\n", f"\ufeff{'s' * 40}\n"):
        file.write_text(content, encoding="utf-8")
        settings = Settings.read({**REDIS, **BESIDE.get(name, {}), f"{name}_FILE": str(file)})
        assert getattr(settings, name.lower()) == "s" * 40
        assert "s" * 40 not in repr(settings)


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file"),
        (b" \n", "is empty"),
        (b"\xff", "no text in UTF-8"),
        (b"a\nb" * 20, "more than one line"),
        (b"a\x00b" * 20, "what is no text"),
        (b"a" * 40, "is set too; give one"),
    ],
)
def test_what_is_wrong_with_a_secrets_file_is_said(
    tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    """In one line under the name of the variable, without what the file holds."""
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    both = {name: "b" * 40} if content == b"a" * 40 else {}
    with pytest.raises(SettingsError) as error:
        Settings.read({**REDIS, f"{name}_FILE": str(file), **both})
    (line,) = str(error.value).splitlines()
    assert line.startswith(f"{name}_FILE: ")
    assert said in line
    assert f"Example: {name}_FILE=/run/secrets/{name.lower().replace('_', '-')}" in line
    assert "aaa" not in line


def test_a_file_that_holds_the_password_is_read_whenever_it_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("old")
    settings = Settings.read({**REDIS, "REDIS_PASSWORD_FILE": str(file)})
    assert settings.redis_password_now is not None
    file.write_text("new")
    assert settings.redis_password_now() == "new"
    given = Settings.read({**REDIS, "REDIS_PASSWORD": "fixed"}).redis_password_now
    assert given is not None
    assert given() == "fixed"
    assert Settings.read(REDIS).redis_password_now is None
