"""What these tests need of the machine, and what is said where it is missing."""

import pytest

from governance.papers import office

MISSING = (
    "LibreOffice is not here, so no Word or Excel paper was turned into pages. Install it: "
    "apt-get install --no-install-recommends libreoffice-writer-nogui libreoffice-calc-nogui"
)


def pytest_collection_modifyitems(items):
    """Tests that turn Word and Excel papers into pages are left out, with the reason, where LibreOffice is missing."""
    if not office.is_available():
        for item in items:
            if item.get_closest_marker("office"):
                item.add_marker(pytest.mark.skip(reason=MISSING))
