"""Themes that the High Cost Placement Panel passes on to the Board: never a case."""
