"""Unit tests of the lab of several hosts, tests/machines."""
