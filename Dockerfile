# One image for every part; docker-compose.yml says which program each service runs.
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /opt/gongkai
COPY requirements.lock ./
RUN /opt/gongkai/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY schemas schemas
COPY rules rules
COPY bus bus
COPY producers producers
COPY streams streams
COPY consumers consumers
COPY cities cities
RUN /opt/gongkai/bin/pip install --no-cache-dir --no-deps .

FROM python:3.11-slim-bookworm
COPY --from=build /opt/gongkai /opt/gongkai
COPY cities /srv/cities
COPY deploy/healthy.py /usr/local/lib/gongkai/healthy.py
ENV PATH=/opt/gongkai/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    GONGKAI_HOME=/var/lib/gongkai \
    GONGKAI_CITY=/srv/cities/example \
    GONGKAI_HOST=0.0.0.0 \
    GONGKAI_LOG_JSON=true
# A new volume takes owner and mode from the folder it is mounted on, so every such folder is made here.
RUN groupadd --system --gid 10001 gongkai \
    && useradd --system --uid 10001 --gid gongkai --home-dir /var/lib/gongkai --no-create-home gongkai \
    && install --directory --owner gongkai --group gongkai --mode 0750 \
       /var/lib/gongkai /var/lib/gongkai/files /var/lib/gongkai/drop /var/lib/gongkai/secrets /var/lib/simulators
USER gongkai
WORKDIR /var/lib/gongkai
CMD ["gongkai", "--help"]
