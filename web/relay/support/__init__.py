"""Small things that any part of the relay may use, and that know none of them."""
