"""The web server in production: `gunicorn --config deploy/gunicorn.conf.py`. GUNICORN_CMD_ARGS may say otherwise."""

bind = "127.0.0.1:8000"
workers = 4
timeout = 120  # seconds; the longest that a document is waited for
graceful_timeout = 30
control_socket_disable = True
# Its own words are lines of JSON too. It logs no requests: the application does, without addresses or what was typed.
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "jcb.logs.JsonLines"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "gunicorn.error": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "gunicorn.access": {"handlers": [], "propagate": False},
    },
}
