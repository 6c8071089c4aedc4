# One image for all services and both simulators; docker-compose.yml says which one a container runs.
FROM python:3.13-slim-bookworm AS environment

RUN python3 -m venv /venv
COPY requirements-build.lock requirements.lock /locks/
# The build tools come first, from a lock file too: with its own isolation pip would fetch them unchecked.
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r /locks/requirements-build.lock \
 && /venv/bin/pip install --no-cache-dir --require-hashes --no-build-isolation --use-pep517 -r /locks/requirements.lock \
 && /venv/bin/pip uninstall --yes setuptools pip


FROM python:3.13-slim-bookworm

COPY --from=environment /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1

WORKDIR /app
COPY shared shared
COPY services services
COPY simulators simulators
COPY cli cli
COPY limbas limbas
# The root file system is read-only later on, so the byte code has to be made now.
RUN python -m compileall -q . \
 && printf '#!/bin/sh\nexec python -m cli "$@"\n' >/usr/local/bin/callmonitor \
 && chmod 755 /usr/local/bin/callmonitor \
 && cd / && mkdir -p logins/server logins/health logins/ingest logins/matcher logins/jobs logins/logger logins/web \
    logins/operator state data spool \
 && chown -R 10001:10001 logins state data spool

# A number, so that Kubernetes can see that it is not root. The folders lend their owner to new volumes.
USER 10001:10001
CMD ["callmonitor", "--help"]
