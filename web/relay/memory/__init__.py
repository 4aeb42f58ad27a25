"""The contracts of relay.log, kept in this process' memory, for a single process and for tests.

Private: use what `relay` offers.
"""
