"""Packs: one PDF for one audience, joined from our own pages and the papers handed in."""
