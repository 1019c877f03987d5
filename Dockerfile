# The bot in maubot's standalone mode. maubot's own image lacks what the bot needs.
#   docker build -t fosdembot .
#   docker run -v fosdembot:/data -p 127.0.0.1:8080:8080 fosdembot
# /data holds config.yaml (see example-standalone.yaml) and the SQLite database.
FROM python:3.13-slim

WORKDIR /opt/fosdembot
COPY requirements/product.txt requirements/
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements/product.txt
COPY pyproject.toml README.md LICENSE plugin.yaml base-config.yaml example-standalone.yaml ./
COPY migrations migrations
COPY fosdembot fosdembot
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e . \
    && useradd --system --create-home --home-dir /data --uid 10001 fosdembot

USER fosdembot
# In the container; which address of the host it is reached at, `docker run -p` says.
ENV MAUBOT_SERVER_HOSTNAME=0.0.0.0 PYTHONUNBUFFERED=1
# Memory in large pages, see docs/operating.md.
ENV PYTHONMALLOC=malloc GLIBC_TUNABLES=glibc.malloc.hugetlb=1
WORKDIR /data
VOLUME /data
EXPOSE 8080
# It stops in order at SIGTERM, which is what `docker stop` sends.
CMD ["fosdembot", "run", "--config", "/data/config.yaml"]
