# syntax=docker/dockerfile:1
FROM python:3.13-slim-bookworm AS build
WORKDIR /app
COPY requirements.lock ./
# --no-deps: the list is complete; --require-hashes: nothing but what the lock names gets in.
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
COPY . .
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1
# Collecting reads the settings, and production refuses to start unconfigured: these values exist for this line only.
RUN CLUSTR_MODE=production \
    CLUSTR_SECRET_KEY=only-for-collecting-static-files-at-build-time \
    CLUSTR_DATABASE_URL=postgres://build@localhost/build \
    CLUSTR_REDIS_URL=redis://localhost:6379/0 \
    python manage.py collectstatic --noinput --verbosity 0

FROM python:3.13-slim-bookworm
RUN groupadd --gid 10001 clustr && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /app clustr
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CLUSTR_MODE=production \
    CLUSTR_DATA_DIR=/data
RUN mkdir /data && chown clustr:clustr /data
VOLUME /data
USER clustr
EXPOSE 8000 8001
CMD ["gunicorn", "--config", "deploy/gunicorn.conf.py", "clustr.wsgi:application"]
