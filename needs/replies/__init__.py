"""You said, we did: what families said, the replies, what of it is public, and how families were heard."""
