"""The contracts of relay.log, kept in Redis, and everything else that uses Redis."""
