"""What is kept of rooms that not everybody may see, and who may do what in them."""
