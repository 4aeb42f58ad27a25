"""Every setting is explained where people look for it, and nothing is explained that is not used."""

import dataclasses
import re
from pathlib import Path

import pytest
from chat.settings import Settings

REPOSITORY = Path(__file__).parents[3]

# Given by docker-compose.yml and nothing to choose there, or for a process without it (`make dev`).
FIXED_BY_COMPOSE = {
    "REDIS_URL",
    "HOST",
    "NODE_NAME",
    "PORT",
    "SOCKETS_FOLDER",
    "LOG_FORMAT",
    "TRUSTED_PROXIES",
    "CLIENT_BUNDLE",
}

# What only one of the two has: stack.yml takes secrets as files, and a port on all addresses.
OF_A_SWARM = {"REGISTRY", "TAG", "LISTEN_PORT", "WEB_PER_HOST", "SECRETS", "FILES"}
OF_A_CLUSTER = {"REDIS_ADDRESS", "REDIS_NODES", "REDIS_REPLICAS", "REDIS_ADMIN_PASSWORD_FILE", "MORE_SHARDS"}
OF_COMPOSE = {
    *("LISTEN", "LISTEN_HTTP", "ACCESS_CODE", "ADMIN_CODE", "SECRET_KEY", "REDIS_PASSWORD"),
    *("PROMETHEUS_PORT", "PROMETHEUS_MEMORY", "OIDC_CLIENT_SECRET_FILE", "FILES_KEY_FILE"),
}


def explained() -> set[str]:
    """Return the names in .env.example, commented out or not."""
    lines = (REPOSITORY / ".env.example").read_text().splitlines()
    return {match[1] for line in lines if (match := re.match(r"#?([A-Z][A-Z0-9_]*)=", line))}


def test_every_setting_of_the_chat_is_in_env_example() -> None:
    """Or is one of the few that compose fixes."""
    settings = {field.name.upper() for field in dataclasses.fields(Settings)}
    assert settings - explained() - FIXED_BY_COMPOSE == set()


def used(file: str) -> set[str]:
    """The variables that a file of services substitutes."""
    return set(re.findall(r"\$\{([A-Z][A-Z0-9_]*)", (REPOSITORY / file).read_text()))


def test_every_name_in_env_example_is_used_by_compose() -> None:
    """Or is of a Swarm alone."""
    assert explained() - used("docker-compose.yml") == OF_A_SWARM | OF_A_CLUSTER


def test_every_name_in_env_example_is_used_by_the_stack() -> None:
    """Or is of Compose or of a cluster alone."""
    assert explained() - used("stack.yml") == OF_COMPOSE | OF_A_CLUSTER


def test_every_name_of_a_cluster_is_used_by_its_stack() -> None:
    assert used("stack.cluster.yml") >= OF_A_CLUSTER


@pytest.mark.parametrize("file", ["docker-compose.yml", "stack.yml", "stack.cluster.yml"])
def test_every_variable_of_the_services_is_in_env_example(file: str) -> None:
    """So that there is no setting that nobody can find."""
    assert used(file) - explained() == set()


@pytest.mark.parametrize("file", [".env.example", "docs/settings.md", "docs/limits.md", "docs/protocol.md"])
def test_the_word_for_no_limit_to_editing_stands_where_the_setting_is_explained(
    file: str, bundle: Path
) -> None:
    """And the chat reads it."""
    paragraphs = (REPOSITORY / file).read_text().split("\n" if file == "docs/limits.md" else "\n\n")
    [explained] = [each for each in paragraphs if "EDIT_MINUTES" in each]
    assert "`always`" in explained
    settings = Settings.read({"CLIENT_BUNDLE": str(bundle), "EDIT_MINUTES": "always"})
    assert settings.edit_minutes is None


def test_the_limits_that_are_listed_are_the_defaults() -> None:
    """In docs/limits.md, which names the settings of a row in the order of their values."""
    example = (REPOSITORY / ".env.example").read_text()
    defaults = dict(re.findall(r"^#?([A-Z][A-Z0-9_]*)=(.*)$", example, re.MULTILINE))
    rows = re.findall(
        r"^\| .+ \| (.+) \| (`.+`) \|$", (REPOSITORY / "docs/limits.md").read_text(), re.MULTILINE
    )
    listed = [
        (name, value.replace(",", ""))
        for values, names in rows
        for name, value in zip(re.findall(r"`(\w+)`", names), re.findall(r"\d[\d,]*", values), strict=False)
    ]
    assert len(listed) > 10
    assert [(name, value) for name, value in listed if defaults[name] != value] == []
