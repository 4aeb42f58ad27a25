"""How the doctor judges what it was told, and how it says so."""
