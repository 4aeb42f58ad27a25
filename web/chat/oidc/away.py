"""The provider is away, or answers what makes no sense."""


class ProviderAway(Exception):
    """It can't be asked now. The text says why, for the log."""
