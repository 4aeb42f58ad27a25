"""Private: use what `relay` offers.

What the official Admin UI of Socket.IO shows of a relay's workers, and what admins may do there."""
