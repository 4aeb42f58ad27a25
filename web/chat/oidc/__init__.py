"""Signing in by OpenID Connect: the provider, what its tokens say, and who comes in by them."""
