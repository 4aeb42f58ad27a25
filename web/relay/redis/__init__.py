"""The contracts of relay.log, kept in Redis, and everything else that uses Redis.

Private: use what `relay` offers.
"""
