"""Small helpers for any part of the relay. They import none of them.

Private: use what `relay` offers.
"""
