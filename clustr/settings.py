"""Django's settings, made from the environment (`clustr.env`)."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF

from clustr.env import load
from clustr.logs import is_news
from clustr.mail_server import read_server

ENV = load()
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = (BASE_DIR / ENV.data_dir).resolve()

SECRET_KEY = ENV.secret_key
DEBUG = ENV.debug
_public = urlsplit(ENV.public_url)
ALLOWED_HOSTS = [_public.hostname or "", *(ENV.hosts or ["localhost", "127.0.0.1", "[::1]"])]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
    "allauth.usersessions",
    "channels",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "accounts",
    "estates",
    "realtime",
    "notifications",
    "finance",
    "emergency",
    "messaging",
    "community",
    "gate",
    "staff",
    "joining",
    "backoffice",
    "console",
    # Last: it imports the declaring rooms of all the others when their models are loaded.
    "core",
]

MIDDLEWARE = [
    "core.http.middleware.RequestIdMiddleware",
    "core.http.middleware.BrowserPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.http.rate_limits.RateLimitMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "accounts.whole_text.WholeTextMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.last_use.LastUseMiddleware",
]

ROOT_URLCONF = "clustr.urls"
ASGI_APPLICATION = "clustr.asgi.application"
WSGI_APPLICATION = "clustr.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "console.shell.csrf_cookie",
            ]
        },
    }
]

# --- data -----------------------------------------------------------------------------------------------------------

_database: dict[str, Any] = dict(
    dj_database_url.parse(ENV.database_url or f"sqlite:///{DATA_DIR / 'clustr.sqlite3'}")
)
if _database["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE: a transaction that will write takes its lock at the start and waits for it, instead of failing in the
    # middle. WAL: readers never wait for the writer.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    # The pool keeps the connections; Django must not (psycopg's pool needs CONN_MAX_AGE=0).
    _database["ENGINE"] = "core.postgresql"
    _database["CONN_MAX_AGE"] = 0
    # Short, because whoever waits for a connection asks again, and each time begins a new try to connect.
    _pool = {"min_size": 1, "max_size": ENV.database_pool_size, "timeout": 2, "reconnect_timeout": 2}
    _database["OPTIONS"] = {
        "pool": _pool,
        # A server whose machine is gone without a word is noticed within seconds, not within TCP's two hours.
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 2,
        "tcp_user_timeout": 20_000,
        # What the address says (`?sslmode=require`) goes before all that.
        **_database.get("OPTIONS", {}),
    }
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if ENV.redis_urls:
    # A Redis that hangs, or whose machine is gone without a word, is noticed and connected to anew.
    _noticing = {"socket_connect_timeout": 2, "socket_timeout": 5, "socket_keepalive": True}
    CHANNEL_LAYERS: dict[str, Any] = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {
                "hosts": [
                    {"address": url, "health_check_interval": 5, **_noticing} for url in ENV.redis_urls
                ],
                "prefix": "clustr",
            },
        }
    }
    CACHES: dict[str, Any] = {
        "default": {
            "BACKEND": "core.cache.ForgivingRedisCache",
            # One of them: to the cache a list means replicas, not shards.
            "LOCATION": ENV.redis_urls[0],
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
        }
    }
else:
    CHANNEL_LAYERS = {
        "default": {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 10_000}}
    }
    CACHES = {"default": {"BACKEND": "core.cache.CountingLocMemCache"}}

# --- background -----------------------------------------------------------------------------------------------------

CELERY_BROKER_URL = ENV.celery_broker_url or (ENV.redis_urls[0] if ENV.redis_urls else "memory://")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# For ever: a worker that gives up after a long outage would take its clock with it.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
if CELERY_BROKER_URL.startswith("memory:"):
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {"polling_interval": 0.01}
else:
    # A broker that hangs must not hold an SOS: give up fast, the sweep finds the work.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 600,
        "socket_connect_timeout": 1,
        "socket_timeout": 5,
        "max_retries": 0,
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONSUMER = "clustr.consuming:Consumer"
CELERY_TIMEZONE = "UTC"

# --- people ---------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email", "phone")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/sign-in/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email", "phone"}
# Not "phone*": whoever has none, or has not proved it yet, signs in by email all the same.
ACCOUNT_SIGNUP_FIELDS = ["email*", "phone", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# Not allauth's: a sign-up proves its addresses before there is an account (accounts.sign_up).
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PHONE_VERIFICATION_ENABLED = False
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 300
ACCOUNT_FORMS = {"request_login_code": "console.forms.LoginCodeForm"}
ACCOUNT_PHONE_VERIFICATION_TIMEOUT = ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 300
ACCOUNT_PHONE_VERIFICATION_MAX_ATTEMPTS = ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_SESSION_REMEMBER = True
#: Failed sign-ins; `accounts.lockout` says what counts where. The address's limit is shared by all behind one router.
ACCOUNT_RATE_LIMITS = {
    "sign_in_by_address": "20/5m/ip",
    "sign_in_by_account_here": "5/5m/key",
    "sign_in_by_account": "20/1h/key",
    # Texts cost money, and three codes are three tries each.
    "text_code": "3/5m/key,10/1h/key,30/5m/ip,100/1h/ip",
    "mail_code": "3/5m/key,10/1h/key,30/5m/ip,100/1h/ip",
    "signup": "30/5m/ip,100/1h/ip",
    "reset_password": "30/5m/ip,100/1h/ip",
    # Of one sign-in that has not come to its end: tries that come all at once are not more than its three.
    "code_try": "10/5m/key",
    "change_phone": "10/5m/user",
    # Where it is reached, allauth fails; `text_code` is counted in its place.
    "verify_phone": None,
}
MFA_ADAPTER = "accounts.second_factor.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "ClustR"
#: Steps of 30 s by which a phone's clock may be off.
MFA_TOTP_TOLERANCE = 1
#: Whoever has an account of his own has proved its addresses; those that an office made are its to check.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = _public.scheme != "https"
USERSESSIONS_ADAPTER = "accounts.sessions.SessionsAdapter"
#: Its list says when each was last used. Its middleware would write at every request: ours does not.
USERSESSIONS_TRACK_ACTIVITY = True
HEADLESS_TOKEN_STRATEGY = "accounts.tokens.TokenStrategy"  # noqa: S105 (a class)
#: allauth asks for the address of a sign-up before it asks for a mail.
HEADLESS_FRONTEND_URLS = {"account_signup": f"{ENV.public_url}/sign-up/"}
HEADLESS_CLIENTS = ("app", "browser")
HEADLESS_JWT_ALGORITHM = "HS256"
#: Else the access token of a session that was ended works until it expires.
HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED = True
HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = int(timedelta(minutes=15).total_seconds())
HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN = int(timedelta(days=30).total_seconds())
SESSION_COOKIE_AGE = int(timedelta(days=30).total_seconds())

# --- REST -----------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        # Before the other bearer: it takes what begins like a key, and nothing else.
        "estates.authentication.KeyAuthentication",
        "accounts.authentication.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["core.http.throttling.SharedLimits"],
    "DEFAULT_PARSER_CLASSES": ["core.http.json.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["core.http.json.ProblemOrJSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.http.problems.handle_exception",
    # `?format=` is a list's own: an unknown one is refused by name.
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "ClustR API",
    "DESCRIPTION": "REST of an estate: everything that is created, read, updated or deleted. The live feed is a "
    "websocket of its own (docs/realtime-protocol.md).",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.schema.document_files",
        "core.schema.document_problems",
    ],
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024

# --- security -------------------------------------------------------------------------------------------------------

_is_https = _public.scheme == "https"
CSRF_TRUSTED_ORIGINS = [ENV.public_url, *ENV.origins]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _is_https
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
if _is_https:
    # Browsers take a cookie of such a name only over TLS and for this very host: no sister name can set it.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
#: No cookie beside those two.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# Who signs in is told apart by the address that the proxy saw. By the proxy's own, all would share one rate limit.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if ENV.is_production else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.is_production else None
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if _is_https else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF, f"{'wss' if _is_https else 'ws'}://{_public.netloc}"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- pages and words ------------------------------------------------------------------------------------------------

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
#: What a person can choose: dates on pages, and the words of the sign-in, follow it.
LANGUAGES = [
    ("en", "English"),
    ("fr", "Français"),
    ("ig", "Igbo"),
    ("pt", "Português"),
    ("sw", "Kiswahili"),
]
STATIC_URL = "/static/"
# An image collects and compresses the files once; the embedded mode finds them where they stand.
STATIC_ROOT = BASE_DIR / "staticfiles" if ENV.is_production else None
WHITENOISE_USE_FINDERS = not ENV.is_production
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if ENV.is_production
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
MEDIA_ROOT = DATA_DIR / "media"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "clustr.logs.TextFormatter"},
        "json": {"()": "clustr.logs.JSONFormatter"},
    },
    "filters": {"news": {"()": "django.utils.log.CallbackFilter", "callback": is_news}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": ENV.log_format}},
    "root": {"handlers": ["stderr"], "level": ENV.log_level},
    "loggers": {
        "celery": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
        "uvicorn.error": {"level": "WARNING"},
        "twilio": {"level": "WARNING"},
        # picows tells of every socket that comes and goes.
        "realtime.websocket": {"level": "WARNING"},
        "django.request": {"level": "ERROR", "filters": ["news"]},
    },
}

# --- ours -----------------------------------------------------------------------------------------------------------

CLUSTR_PUBLIC_URL = ENV.public_url
CLUSTR_HEARTBEAT_S = ENV.heartbeat_s
CLUSTR_RETENTION = ENV.retention_days
#: Requests a minute, by the name of the policy.
CLUSTR_RATE_LIMITS = {
    "user": ENV.requests_per_user,
    "key": ENV.requests_per_key,
    "address": ENV.requests_per_address,
}
CLUSTR_SOCKETS = ENV.sockets
CLUSTR_DRAIN_S = ENV.drain_s
CLUSTR_ORIGINS = [ENV.public_url, *ENV.origins]
CLUSTR_METRICS_TOKEN = ENV.metrics_token
CLUSTR_SMS_PROVIDER = ENV.sms_provider
#: Empty: nobody is called.
CLUSTR_VOICE_PROVIDER = ENV.calls_by
CLUSTR_TWILIO = {
    "account_sid": ENV.twilio_account_sid,
    "auth_token": ENV.twilio_auth_token,
    "from": ENV.twilio_from,
    "messaging_service_sid": ENV.twilio_messaging_service_sid,
    "voice_from": ENV.caller,
    "base_url": ENV.twilio_base_url,
}
#: None: the console.
CLUSTR_EMAIL_SERVER = read_server(ENV.email_url) if ENV.email_url else None
CLUSTR_EMAIL_FROM = ENV.email_from
#: Empty: push messages are printed, and no browser can subscribe.
CLUSTR_VAPID_PRIVATE_KEY = ENV.vapid_private_key
CLUSTR_VAPID_SUBJECT = ENV.push_subject
CLUSTR_PUSH_HOSTS = ENV.known_push_hosts
CLUSTR_PUSH_TEST_ORIGIN = ENV.push_test_origin
