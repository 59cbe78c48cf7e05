# SPDX-License-Identifier: Apache-2.0
# One image with all services; compose says which one a container runs.
FROM debian:bookworm-slim AS build
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
	gcc libc6-dev cmake ninja-build pkg-config protobuf-compiler protobuf-c-compiler perl libprotobuf-c-dev \
	libprotobuf-dev libnghttp2-dev libevent-dev libssl-dev libpq-dev libjansson-dev libsodium-dev libinih-dev zlib1g-dev \
	libcsv-dev && rm -rf /var/lib/apt/lists/*
COPY . /src
RUN cmake -S /src -B /build -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DMZ_TESTS=OFF && cmake --build /build

FROM debian:bookworm-slim
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
	libprotobuf-c1 libnghttp2-14 libevent-2.1-7 libssl3 libpq5 libjansson4 libsodium23 libinih1 zlib1g libcsv3 \
	&& rm -rf /var/lib/apt/lists/* && useradd --system --no-create-home --shell /usr/sbin/nologin minzheng \
	&& install -d -o minzheng -g minzheng -m 700 /keys
COPY --from=build /build/bin /usr/local/bin/
USER minzheng
