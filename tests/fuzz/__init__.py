"""What the stack is sent by those who mean it no good, by the hundred thousand, and what must come of it."""
