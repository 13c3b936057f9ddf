"""Summaries of meetings for families: drafted from agreed minutes, edited, approved, then public."""
