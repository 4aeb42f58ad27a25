"""The contracts of relay.log, kept in Redis, and all else that speaks to it."""
