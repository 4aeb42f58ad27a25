"""The contracts of relay.log, kept in this process' memory: for one process on its own, and for tests."""
