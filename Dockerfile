# SPDX-License-Identifier: Apache-2.0
# One image with all services and mz; compose says which one a container runs. Nothing in it runs as root.
FROM debian:bookworm-slim AS build
COPY tools/front/packages.sh /src/tools/front/
RUN . /src/tools/front/packages.sh && apt-get update && \
	DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $build_packages && rm -rf /var/lib/apt/lists/*
COPY . /src
RUN cmake -S /src --preset release -B /build && cmake --build /build && rm /build/bin/year2024 && strip /build/bin/*

FROM debian:bookworm-slim
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
	libprotobuf-c1 libnghttp2-14 libevent-core-2.1-7 libevent-extra-2.1-7 libssl3 libpq5 libjansson4 libsodium23 libinih1 zlib1g libcsv3 \
	&& rm -rf /var/lib/apt/lists/* /usr/share/doc /var/log/* && useradd --system --uid 901 --no-create-home minzheng \
	&& install -d -o minzheng -g minzheng -m 700 /keys && install -d -o minzheng -g minzheng /owner
COPY --from=build /build/bin/ /usr/local/bin/
ENV MINZHENG_HOME=/ MINZHENG_LISTEN=0.0.0.0:50061 MINZHENG_KEY_FILE=/keys/keys
USER minzheng
HEALTHCHECK --interval=15s --timeout=3s --start-period=30s --start-interval=1s CMD ["identity", "--health"]
