"""Where a form of one item of a meeting was opened, so that its reader is led back there."""

from django.urls import reverse


def came_from(request, key: str, pk: int) -> str:
    """The address of the item of a meeting where a form was opened: in the room, or on the agenda."""
    return reverse("governance:room_item" if "room" in request.GET else "governance:agenda_item", args=[key, pk])
