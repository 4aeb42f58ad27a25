"""Files that people share: how they arrive, what is made of them, where they lie, and when they go."""
