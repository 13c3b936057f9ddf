"""Interests: declared for a meeting or an item, and the lasting ones in the register, which is kept apart."""
