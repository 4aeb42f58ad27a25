"""Options: all that an application may tune. What nobody should change stays a constant in its module."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from relay.redis.names import Names
from relay.transport.engine import host_of
from relay.transport.origin import Origin


@dataclass(frozen=True, kw_only=True)
class Options:
    """One value for a Relay and its RelayServer."""

    # Redis and the log

    prefix: str = "relay:"
    """Beginning of every key and channel in Redis. Applications that share a Redis need one each."""
    keep: int = 0
    """Entries that each room's log keeps at least; older ones are trimmed in blocks. 0 keeps all. The log is
    in memory, so this bounds what Redis needs."""
    dedup_ttl: int = 86_400
    """Seconds for which a post's id is remembered, so that a repetition is answered and not appended again.
    An id of 32 characters takes 150 bytes that long. A day, because a client may be offline for hours with a
    post unsent."""
    check_interval: float = 1.0
    """Seconds between two comparisons of rooms with their logs. A broadcast that was lost is delivered that
    much later at most. One round trip says which rooms changed, and these are read in another."""

    replicas: int = 0
    """Replicas of a Redis Cluster that have to have an entry on disk before it is acknowledged, besides its
    primary. With 0 a primary that is lost takes its last entries with it."""

    # Presence

    presence_window: float = 0.5
    """Seconds for which changes of a room are collected before its clients are told who came and went."""
    presence_grace: float = 3.0
    """Seconds for which a member stays after its last client broke off. Longer than a reload or a reconnect
    takes, so that nobody is told of these."""
    presence_flush_interval: float = 0.2
    """Seconds for which changes are collected before other workers are told. Adds to `presence_window`
    there."""
    presence_sync_interval: float = 2.5
    """Seconds between two comparisons with what other workers reported. The members of a worker that died are
    removed after two of them and the 6 s that its probe lasts."""

    # Sessions

    allowed_origins: tuple[str, ...] = ()
    """Origins whose pages may connect, besides the server's own, for example "https://example.org"."""
    max_sessions: int = 10_000
    """Sessions that one process takes; the next are answered 503. Half of them may be pending at a time: in
    no namespace."""
    max_sessions_of_address: int | None = None
    """How many of them may come from one address; the next are answered 429. None: any number."""
    address_of: Callable[[Any], str] = host_of
    """Returns the address to count a session for, given an ASGI scope's `client`."""
    pending_seconds: float = 45.0
    """Seconds that a session may be pending. An `auth` function that asks a person takes that long."""
    ping_interval: float = 25.0
    """Seconds between two pings of a client. Shorter than the minute after which proxies close idle
    connections."""
    ping_timeout: float = 20.0
    """Seconds that a client has to answer a ping. A phone that wakes up takes some."""

    keep_environ: bool = True
    """Whether `get_environ` answers after `connect`. What a handshake said takes about 7 KB for each session.
    Without it, and where there is only one namespace, a session connects once: its clients open a new one."""

    # Memory

    max_message_bytes: int = 64 * 1024
    """Bytes that a client may send in one packet with its attachments, and in one polling body. In a body
    attachments are a third larger, as Base64. uvicorn's and nginx's limits have to be raised with it."""
    send_buffer_bytes: int = 1 << 20
    """Bytes that a client may leave unread. One that leaves more is disconnected, and reads in the log what
    it missed when it comes back. From a sixteenth of it on, the soft limit, volatile events are skipped for
    it."""
    max_buffered_bytes: int = 128 << 20
    """Bytes of memory for what all clients together have not read, or have sent and is not handled yet. Above
    it the clients with the fullest buffers are disconnected."""

    def __post_init__(self) -> None:
        """Raises TypeError or ValueError for origins that are none, and for upstream's pair of intervals."""
        if "{" in self.prefix or "}" in self.prefix:
            raise ValueError(
                f"prefix {self.prefix!r} has a brace, which says where keys lie in a cluster; leave it out"
            )
        origins: Any = self.allowed_origins
        for origin in [origins] if isinstance(origins, str) else origins:
            if origin == "*":
                raise ValueError(
                    "allowed_origins has no '*': name each site whose pages may connect, such as "
                    "'https://example.org'. Programs that are not browsers name no origin, and may connect."
                )
            Origin.parse(origin)
        if isinstance(origins, str):
            raise TypeError(f"allowed_origins is a tuple: write ({origins!r},)")
        if isinstance(self.ping_interval, tuple):
            raise TypeError("ping_interval is one number of seconds. Pings are at most a second late.")

    @property
    def control_channel(self) -> str:
        """The channel in Redis of python-socketio's own messages between processes. Its write-only managers
        need it: `socketio.RedisManager(url, channel=options.control_channel, write_only=True)`."""
        return Names(self.prefix).control
