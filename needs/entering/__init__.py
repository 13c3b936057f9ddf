"""Figures entered by hand: one at a time, or as a table that is pasted or comes from a spreadsheet."""
