"""Minutes: written in the room, checked, circulated, commented on, agreed; as pages, PDF and Word."""
