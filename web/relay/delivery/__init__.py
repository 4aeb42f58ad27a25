"""From an entry of the log to the members of its room on this worker.

Private: use what `relay` offers.
"""
