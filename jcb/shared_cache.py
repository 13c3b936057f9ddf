"""Django's cache in the database, which here tells where it could not write.

Django's own says "not added", as it does of what is there already; a try to sign in would then be taken for one too many.
"""

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache

from jcb import outages

TRIES = 3  # what was there may be taken out before one looks


class SharedCache(DatabaseCache):
    def add(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        for _ in range(TRIES):
            if super().add(key, value, timeout, version):
                return True
            if self.has_key(key, version):
                return False
        raise outages.NotWritten
