"""The parts of dim.py: polynomials, the atoms in them, what is known about them, and their text."""
