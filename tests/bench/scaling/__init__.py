"""How cost grows; see docs/scaling.md."""
