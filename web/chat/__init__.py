"""The chat itself: people, rooms and messages over relay."""
