"""What the composition root decides."""

from chat.app import build
from chat.settings import Settings


def test_the_keys_in_redis_have_the_prefix_that_they_always_had() -> None:
    """What earlier releases kept is found, and the Redis user may touch no other keys."""
    app = build(Settings(redis_url="redis://127.0.0.1:1"))
    assert app.server.manager.channel == "tertulia:control"
