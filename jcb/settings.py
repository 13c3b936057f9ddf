"""One settings file, read from the environment (and from `.env` beside manage.py). Safe unless told otherwise.

MODE=demonstration    invented people and a clock that can be set; never with a real address
MODE=production       the default: refuses to start with demonstration people or missing secrets
"""

import sys
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")


def wanted(name: str, remedy: str) -> str:
    """A variable that has to be set; a missing one ends in a sentence that says how to mend it."""
    value = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {remedy}")
    return value


MODE = env.str("MODE", default="production")
if MODE not in {"production", "demonstration"}:
    raise ImproperlyConfigured(
        f"MODE is '{MODE}'. Set it to 'production' or 'demonstration' in .env or the environment."
    )
DEMONSTRATION = MODE == "demonstration"
TESTING = "pytest" in sys.modules

RELEASE = env.str("RELEASE", default="1")

SECRET_KEY = wanted("SECRET_KEY", "Put a long random text in .env or the environment; 'make setup' writes one.")
SECRET_KEY_FALLBACKS = env.list(
    "SECRET_KEY_FALLBACKS", default=[]
)  # former ones, so that what they sealed is still read
DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"] if DEMONSTRATION else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = env.bool("HTTPS", default=not DEMONSTRATION)

INSTALLED_APPS = [
    "jcb",
    "needs",
    "workstreams",
    "governance",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "django_filters",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "simple_history",
    "csp",
    "jcb.reference_app.ReferenceRecords",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "jcb.middleware.one_line_of_log",
    "csp.middleware.CSPMiddleware",
    "jcb.middleware.health_first",
    "jcb.sessions.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "jcb.middleware.sessions_end",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "jcb.middleware.second_step_first",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "jcb.middleware.one_clock_reading",
]
ROOT_URLCONF = "jcb.urls"
WSGI_APPLICATION = "jcb.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "jcb.context.page",
            ],
        },
    }
]
FORM_RENDERER = "jcb.forms.BoardRenderer"

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'var' / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["ENGINE"] = "jcb.sqlite3"
    # IMMEDIATE takes the write lock at the start of a transaction, so that a second writer waits instead of failing.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
    # In memory, parallel writers get "table is locked": the test database is a file.
    DATABASES["default"]["TEST"] = {"NAME": Path(DATABASES["default"]["NAME"]).with_suffix(".test.sqlite3")}
else:
    # A server that does not answer is given up, and said to be away.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
DATABASES["default"]["CONN_MAX_AGE"] = 600
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "jcb.Person"
AUTHENTICATION_BACKENDS = ["jcb.accounts.PeopleWithPasswords"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name", "position"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "governance:home"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "jcb.accounts.ClosedAccounts"
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "jcb.accounts.LinkToPassword"  # noqa: S105 -- names a class
ACCOUNT_FORMS = {
    "login": "jcb.sign_in.SignInForm",
    "reset_password": "jcb.sign_in.AskForPasswordForm",
    "reset_password_from_key": "jcb.sign_in.ChoosePasswordForm",
    "change_password": "jcb.sign_in.NewPasswordForm",
    "reauthenticate": "jcb.sign_in.PasswordAgainForm",
}
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
# The limits of allauth's own that count by account or network alone are off: with them a stranger could keep somebody
# out. In their place jcb.throttle counts by the doors below; each is "so many in so many minutes".
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "login_failed": None,
    "reset_password": None,
    "reset_password_from_key": None,
    "known_device": "10/15m/key",
    "account_from_network": "10/15m/key",
    "network": "60/15m/key",
    "links": "20/15m/key",
    "codes": "30/60m/key",
}
# How many proxies of ours stand in front: X-Forwarded-For is believed as far as they wrote it.
PROXIES = env.int("PROXIES", default=1 if env.bool("BEHIND_PROXY", default=False) else 0)
PASSWORD_RESET_TIMEOUT = env.int("LINK_SECONDS", default=3 * 24 * 60 * 60)  # how long a link to a password works

MFA_ADAPTER = "jcb.second_step.SecondStep"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # the administrator vouches for addresses; there is nothing to verify
MFA_TOTP_TOLERANCE = 1  # a code that was typed as it ran out still counts
MFA_RATE_LIMITS = {"webauthn_login": None}  # by network alone; a passkey cannot be guessed
MFA_FORMS = {
    "authenticate": "jcb.second_step.CodeForm",
    "reauthenticate": "jcb.second_step.CodeAgainForm",
    "activate_totp": "jcb.second_step.AppForm",
    "add_webauthn": "jcb.second_step.PasskeyForm",
    "edit_webauthn": "jcb.second_step.PasskeyNameForm",
}
# Everybody may have a second step; these roles have to. The demonstration's passwords are published, so that there
# nobody has to.
SECOND_STEP_ROLES = env.list("SECOND_STEP_ROLES", default=[] if DEMONSTRATION else ["secretariat", "administrator"])

# The council's or the NHS body's own directory, by OpenID Connect. It signs in people who are here already.
DIRECTORY = env.str("OIDC_SERVER_URL", default="")
DIRECTORY_NAME = env.str("OIDC_NAME", default="your organisation’s sign-in")
LOCAL_PASSWORDS = env.bool("LOCAL_PASSWORDS", default=True)
if not LOCAL_PASSWORDS and not DIRECTORY:
    raise ImproperlyConfigured("LOCAL_PASSWORDS is off and nobody could sign in. Set OIDC_SERVER_URL, or turn it on.")
SOCIALACCOUNT_ADAPTER = "jcb.directory.Directory"
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form that led elsewhere would need a hole in the content security policy
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "directory",
                "name": DIRECTORY_NAME,
                "client_id": wanted("OIDC_CLIENT_ID", "The directory's administrator gives it out."),
                "secret": wanted("OIDC_CLIENT_SECRET", "The directory's administrator gives it out."),
                "settings": {"server_url": DIRECTORY, "oauth_pkce_enabled": True},
            }
        ]
        if DIRECTORY
        else [],
    }
}

SESSION_COOKIE_AGE = SESSION_SECONDS = env.int("SESSION_SECONDS", default=12 * 60 * 60)  # from signing in, however busy
IDLE_SECONDS = env.int("IDLE_SECONDS", default=60 * 60)  # from the last request
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_HTTPONLY = True

LOCAL_MEMORY = "django.core.cache.backends.locmem.LocMemCache"
CACHES = {
    # What every process has to know of: tries to sign in, codes that were used. The table is made by `migrate`.
    "default": {"BACKEND": LOCAL_MEMORY, "LOCATION": "default"}
    if TESTING
    else {
        "BACKEND": "jcb.shared_cache.SharedCache",
        "LOCATION": "shared_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    "documents": {"BACKEND": LOCAL_MEMORY, "LOCATION": "documents"},
    "pages": {"BACKEND": LOCAL_MEMORY, "LOCATION": "pages", "OPTIONS": {"MAX_ENTRIES": 200}},  # some 60 KB each
}

LANGUAGE_CODE = "en-gb"
FORMAT_MODULE_PATH = "jcb.formats"
TIME_ZONE = "Europe/London"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "static", BASE_DIR / "var" / "frontend"]
FILES_ROOT = Path(env.str("FILES_ROOT", default=str(BASE_DIR / "var" / "files")))
KEPT = {"BACKEND": "jcb.file_store.InFolder"}
# Where several machines need the files: a bucket of an S3-compatible store in place of that folder. The variables beside
# the bucket's name are those that Amazon's own programs read.
if FILES_S3_BUCKET := env.str("FILES_S3_BUCKET", default=""):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        wanted(name, "Kept files go to FILES_S3_BUCKET; whoever runs that store gives it out.")
    KEPT = {
        "BACKEND": "jcb.file_bucket.InBucket",
        "OPTIONS": {
            "bucket_name": FILES_S3_BUCKET,
            "region_name": wanted("AWS_DEFAULT_REGION", "Set it to the region of FILES_S3_BUCKET, such as eu-west-2."),
            "endpoint_url": env.str("AWS_ENDPOINT_URL_S3", default="") or None,
        },
    }
elif env.str("AWS_ENDPOINT_URL_S3", default=""):
    raise ImproperlyConfigured(
        "FILES_S3_BUCKET is not set, but AWS_ENDPOINT_URL_S3 is. Name the bucket, or take it away."
    )
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
    "kept": KEPT,
}
WHITENOISE_AUTOREFRESH = TESTING  # a test client does not list every static file first
UPLOAD_MEGABYTES = 20
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

TASKS = {
    "default": {
        "BACKEND": "django_tasks.backends.immediate.ImmediateBackend" if TESTING else "django_tasks_db.DatabaseBackend"
    }
}
DOCUMENTS_AHEAD = env.bool("DOCUMENTS_AHEAD", default=not TESTING)  # make them when the record changes
PDF_SECONDS = env.int("PDF_SECONDS", default=60)
PDF_MEMORY_MB = env.int("PDF_MEMORY_MB", default=1024)
PACK_SECONDS = env.int("PACK_SECONDS", default=120)
PACK_MEMORY_MB = env.int("PACK_MEMORY_MB", default=1024)
OFFICE_SECONDS = env.int("OFFICE_SECONDS", default=120)
OFFICE_MEMORY_MB = env.int("OFFICE_MEMORY_MB", default=4096)  # mapped, mostly not used

EMAIL_CONFIG = env.email_url("EMAIL_URL", default=f"filemail://{BASE_DIR / 'var' / 'mail'}")
EMAIL_BACKEND = EMAIL_CONFIG["EMAIL_BACKEND"]
# django-environ takes the slash off the front, which would put the e-mails below wherever the process was started.
EMAIL_FILE_PATH = Path("/", EMAIL_CONFIG.get("EMAIL_FILE_PATH") or BASE_DIR / "var" / "mail")
EMAIL_HOST = EMAIL_CONFIG.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = EMAIL_CONFIG.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = EMAIL_CONFIG.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = EMAIL_CONFIG.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_TIMEOUT = 30  # seconds; a server that does not answer must not hold up whoever sends
EMAIL_USE_TLS = EMAIL_CONFIG.get("EMAIL_USE_TLS", False)
DEFAULT_FROM_EMAIL = env.str("FROM_EMAIL", default="board@localhost")

# Nothing inline, nothing from elsewhere.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "font-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "manifest-src": ["'self'"],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(health|ready)/$"]  # asked for from inside, past the proxy that ends HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LOG_FORMAT = env.str("LOG_FORMAT", default="line" if DEMONSTRATION else "json")
if LOG_FORMAT not in {"line", "json"}:
    raise ImproperlyConfigured(
        f"LOG_FORMAT is '{LOG_FORMAT}'. Set it to 'json', or to 'line' where a person reads along."
    )
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "jcb.logs.JsonLines"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # Django would e-mail an error with all that was typed.
        "django": {"handlers": [], "level": "INFO"},
        # A line for each request, in place of Django's for each that was refused.
        "jcb.requests": {"level": "INFO" if LOG_FORMAT == "json" else "WARNING"},
        "django.request": {"level": "ERROR" if LOG_FORMAT == "json" else "WARNING"},
    },
}
