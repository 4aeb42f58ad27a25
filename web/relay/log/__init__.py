"""What is kept, as contracts: the log, its rules, the store and token buckets. Imports nothing."""
