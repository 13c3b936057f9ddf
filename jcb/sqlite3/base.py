"""Django's SQLite, which here notices that its file is no longer where it was.

SQLite goes on writing into a file that was moved away or replaced, so that what it acknowledged would be lost with it;
where there is none it makes an empty one; and what was opened read-only stays so. Here each request looks whether the
file in its place is the one that is open (`CONN_HEALTH_CHECKS` asks), and what a process had open is never made anew.
"""

import os
from pathlib import Path

from django.db.backends.sqlite3 import base

_known: set[str] = set()


class DatabaseWrapper(base.DatabaseWrapper):
    _opened = None

    def get_connection_params(self):
        given = super().get_connection_params()
        name = str(given["database"])
        if name in _known:
            given["database"] = f"{Path(name).absolute().as_uri()}?mode=rw"
        elif os.path.isabs(name):
            _known.add(name)
        return given

    def get_new_connection(self, conn_params):
        made = super().get_new_connection(conn_params)
        self._opened = self._in_its_place()
        return made

    def is_usable(self):
        return self._in_its_place() == self._opened

    def _in_its_place(self) -> tuple[int, int, bool] | None:
        """What names the file itself, whatever it is called, and whether it may be written; None where there is none."""
        name = self.settings_dict["NAME"]
        try:
            found = os.stat(name)
        except OSError:
            return None
        return found.st_dev, found.st_ino, os.access(name, os.W_OK)
