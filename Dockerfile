# docker build --target serve -t kindred .          answers over HTTP: no gensim, no pandas
# docker build --target train -t kindred-train .    learns from ratings
# docker build --target spark -t kindred-spark .    learns from ratings beyond one machine
#
# Layers stand in the order of change: base image, pinned packages, our code.

FROM python:3.12-slim-bookworm AS base
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 KINDRED_MODELS=/models
# the owner of a fresh volume mounted there is the owner of the folder
RUN mkdir /models /data && chown 10001:10001 /models /data

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
RUN pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

FROM build AS serve-packages
COPY requirements/serve.lock requirements/
RUN pip --python /venv/bin/python install --quiet --require-hashes --requirement requirements/serve.lock
COPY --from=wheel /build/dist dist
RUN pip --python /venv/bin/python install --quiet --no-deps dist/*.whl

FROM build AS train-packages
COPY requirements/train.lock requirements/
RUN pip --python /venv/bin/python install --quiet --require-hashes --requirement requirements/train.lock
COPY --from=wheel /build/dist dist
RUN pip --python /venv/bin/python install --quiet --no-deps dist/*.whl

FROM base AS train
COPY --from=train-packages /venv /venv
# numba keeps what it has compiled here; the only place that is written to besides the volume
ENV NUMBA_CACHE_DIR=/tmp/numba
VOLUME /models /data
WORKDIR /data
USER 10001:10001
ENTRYPOINT ["kindred"]
CMD ["train", "--help"]

FROM base AS serve
COPY --from=serve-packages /venv /venv
VOLUME /models
WORKDIR /tmp
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=6s --start-period=20s CMD ["kindred", "healthcheck"]
ENTRYPOINT ["kindred"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]

FROM build AS spark-packages
COPY requirements/spark.lock requirements/
RUN pip --python /venv/bin/python install --quiet --require-hashes --requirement requirements/spark.lock
COPY --from=wheel /build/dist dist
RUN pip --python /venv/bin/python install --quiet --no-deps dist/*.whl

FROM base AS spark
# Hadoop's libraries ask for the name of the user
RUN apt-get update && apt-get install --yes --no-install-recommends openjdk-17-jre-headless && \
    rm -rf /var/lib/apt/lists/* && useradd --uid 10001 --home-dir /tmp --shell /usr/sbin/nologin kindred
COPY --from=spark-packages /venv /venv
ENV NUMBA_CACHE_DIR=/tmp/numba
VOLUME /models /data
WORKDIR /data
USER 10001:10001
ENTRYPOINT ["kindred"]
CMD ["train", "--engine", "spark", "--help"]

# without --target
FROM serve
