"""How fast and where things are computed; a student may skip it."""
