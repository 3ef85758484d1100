# docker build --target serve -t kindred .          answers over HTTP: no gensim, no pandas
# docker build --target train -t kindred-train .    learns from ratings
# docker build --target spark -t kindred-spark .    learns from ratings beyond one machine
#
# --build-arg EXTRAS="s3 otel": what requirements/s3.lock and requirements/otel.lock have, on top (serve and train).
# --build-arg PYTHON_IMAGE=...@sha256:...: another base, or this one for good. `make -s image-arguments`: those behind the labels.
# Every image holds the list of its parts (CycloneDX) at /usr/share/doc/kindred/sbom.cdx.json.
#
# Layers stand in the order of change: base image, pinned packages, our code, labels.

ARG PYTHON_IMAGE=python:3.12-slim-bookworm

FROM ${PYTHON_IMAGE} AS base
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 KINDRED_MODELS=/models
# the owner of a fresh volume mounted there is the owner of the folder
RUN mkdir /models /data && chown 10001:10001 /models /data
LABEL org.opencontainers.image.licenses=MIT

FROM base AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv --without-pip /venv
WORKDIR /build

FROM build AS wheel
COPY requirements/build.lock requirements/
RUN pip install --quiet --require-hashes --requirement requirements/build.lock
COPY pyproject.toml README.md LICENSE kindred.py ./
COPY app app
COPY models models
COPY sample sample
COPY training training
ARG SOURCE_DATE_EPOCH
RUN chmod -R u=rwX,go=rX . && \
    SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(date +%s)} pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

FROM build AS tools
COPY requirements/sbom.lock requirements/
RUN python -m venv --without-pip /tools && \
    pip --python /tools/bin/python install --quiet --require-hashes --requirement requirements/sbom.lock
COPY deploy/supply/sbom.py /tools/

FROM build AS serve-packages
COPY requirements requirements
ARG EXTRAS
RUN pip --python /venv/bin/python install --quiet --require-hashes $(printf -- ' --requirement requirements/%s.lock' serve $EXTRAS)
COPY --from=wheel /build/dist dist
RUN pip --python /venv/bin/python install --quiet --no-deps dist/*.whl

FROM serve-packages AS serve-parts
COPY --from=tools /tools /tools
ARG VERSION=0.1.0
RUN /tools/bin/python /tools/sbom.py kindred-serve /parts/sbom.cdx.json --version $VERSION \
    --python /venv/bin/python --python /usr/local/bin/python

FROM base AS serve
COPY --from=serve-packages /venv /venv
COPY --from=serve-parts /parts /usr/share/doc/kindred
VOLUME /models
WORKDIR /tmp
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=6s --start-period=20s CMD ["kindred", "healthcheck"]
ENTRYPOINT ["kindred"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
ARG VERSION=0.1.0
ARG REVISION
ARG CREATED
ARG SOURCE
LABEL org.opencontainers.image.title="Kindred" \
      org.opencontainers.image.description="Answers over HTTP which movies are alike" \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$REVISION \
      org.opencontainers.image.created=$CREATED \
      org.opencontainers.image.source=$SOURCE

FROM build AS train-packages
COPY requirements requirements
ARG EXTRAS
RUN pip --python /venv/bin/python install --quiet --require-hashes $(printf -- ' --requirement requirements/%s.lock' train $EXTRAS)
COPY --from=wheel /build/dist dist
RUN pip --python /venv/bin/python install --quiet --no-deps dist/*.whl

FROM train-packages AS train-parts
COPY --from=tools /tools /tools
ARG VERSION=0.1.0
RUN /tools/bin/python /tools/sbom.py kindred-train /parts/sbom.cdx.json --version $VERSION \
    --python /venv/bin/python --python /usr/local/bin/python

FROM base AS train
COPY --from=train-packages /venv /venv
COPY --from=train-parts /parts /usr/share/doc/kindred
# numba keeps what it has compiled here; the only place that is written to besides the volume
ENV NUMBA_CACHE_DIR=/tmp/numba
VOLUME /models /data
WORKDIR /data
USER 10001:10001
ENTRYPOINT ["kindred"]
CMD ["train", "--help"]
ARG VERSION=0.1.0
ARG REVISION
ARG CREATED
ARG SOURCE
LABEL org.opencontainers.image.title="Kindred, training" \
      org.opencontainers.image.description="Learns from ratings which movies are alike" \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$REVISION \
      org.opencontainers.image.created=$CREATED \
      org.opencontainers.image.source=$SOURCE

FROM base AS java
# Hadoop's libraries ask for the name of the user
RUN apt-get update && apt-get install --yes --no-install-recommends openjdk-17-jre-headless && \
    rm -rf /var/lib/apt/lists/* && useradd --uid 10001 --home-dir /tmp --shell /usr/sbin/nologin kindred

FROM build AS spark-packages
COPY requirements/spark.lock requirements/
RUN pip --python /venv/bin/python install --quiet --require-hashes --requirement requirements/spark.lock
COPY --from=wheel /build/dist dist
RUN pip --python /venv/bin/python install --quiet --no-deps dist/*.whl

FROM spark-packages AS spark-parts
COPY --from=tools /tools /tools
COPY --from=java /var/lib/dpkg/status /tools/status
ARG VERSION=0.1.0
RUN /tools/bin/python /tools/sbom.py kindred-spark /parts/sbom.cdx.json --version $VERSION \
    --python /venv/bin/python --python /usr/local/bin/python --dpkg /tools/status

FROM java AS spark
COPY --from=spark-packages /venv /venv
COPY --from=spark-parts /parts /usr/share/doc/kindred
ENV NUMBA_CACHE_DIR=/tmp/numba
VOLUME /models /data
WORKDIR /data
USER 10001:10001
ENTRYPOINT ["kindred"]
CMD ["train", "--engine", "spark", "--help"]
ARG VERSION=0.1.0
ARG REVISION
ARG CREATED
ARG SOURCE
LABEL org.opencontainers.image.title="Kindred, training on Spark" \
      org.opencontainers.image.description="Learns from ratings which movies are alike, beyond one machine" \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$REVISION \
      org.opencontainers.image.created=$CREATED \
      org.opencontainers.image.source=$SOURCE

# without --target
FROM serve
