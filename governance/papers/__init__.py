"""Papers: how they are taken in and looked at, and what becomes of them."""
