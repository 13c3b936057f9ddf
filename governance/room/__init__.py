"""The meeting in the room: operations, forms, pages and addresses."""
