"""The roles that the server keeps of people."""

GUEST = "guest"
MEMBER = "member"
"""Somebody who gave the access code, or had a moderator's rights once."""
MODERATOR = "moderator"
OWNER = "owner"
"""A moderator who gives and takes roles."""
MODERATE = frozenset({MODERATOR, OWNER})
"""The roles that have a moderator's rights."""
