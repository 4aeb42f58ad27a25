"""What is kept, as contracts: the log, its rules, the store and token buckets. It imports nothing.

Private: use what `relay` offers.
"""
