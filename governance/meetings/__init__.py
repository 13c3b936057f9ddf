"""The Board's meetings: when they are, what is done to them, and the calendars that show them."""
