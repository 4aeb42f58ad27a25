"""Socket.IO: what a client may say, and its answers."""
