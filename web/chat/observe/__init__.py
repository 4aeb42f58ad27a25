"""What is seen of a running worker from outside: logs and metrics."""
