"""The same kept in a Redis Cluster: which node has which partition, a link and a bus to each, and what
happens when that changes.

Private: use what `relay` offers."""
