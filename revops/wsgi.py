"""Pages and API."""

import os

from django.core.wsgi import get_wsgi_application

from revops.charset import readable_only

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "revops.settings")
application = readable_only(get_wsgi_application())
