"""Decisions of the Board: operations, forms, pages and addresses."""
