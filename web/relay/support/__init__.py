"""Small helpers for any part of the relay. They import none of them."""
