"""What the tests of the running stack share: the stack itself, its logs, and people who chat on it."""
