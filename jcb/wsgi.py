"""The WSGI entry point that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from jcb import checks

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jcb.settings")
application = get_wsgi_application()
checks.insist()
