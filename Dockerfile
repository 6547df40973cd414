# Three stages: build the program, collect what it loads, and an image of nothing but that.

FROM swift:6.3-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends binutils libcurl4-openssl-dev libpng-dev libpq-dev libqrencode-dev libsqlite3-dev \
        pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
# The dependencies have a layer of their own: they are fetched and built again only when the manifest changes.
COPY Package.swift ./
COPY scripts/stub-sources scripts/
COPY Sources/CCurl Sources/CCurl
COPY Sources/CPNG Sources/CPNG
COPY Sources/CPostgreSQL Sources/CPostgreSQL
COPY Sources/CQREncode Sources/CQREncode
COPY Sources/CSocketFilter Sources/CSocketFilter
RUN scripts/stub-sources \
    && swift build -c release --static-swift-stdlib --product enrollment-gateway \
    && rm -rf Sources
COPY api-keys.schema.json openapi.yaml ./
COPY Examples Examples
COPY Sources Sources
# The symbols stay, for stack traces; what only a debugger reads goes.
RUN swift build -c release --static-swift-stdlib --product enrollment-gateway \
    && mkdir /out \
    && strip --strip-debug -o /out/enrollment-gateway \
        "$(swift build -c release --static-swift-stdlib --show-bin-path)/enrollment-gateway"

FROM debian:bookworm-slim AS root
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libcurl4 libpng16-16 libpq5 libqrencode4 libsqlite3-0 \
    && rm -rf /var/lib/apt/lists/*
COPY scripts/image-root /scripts/
COPY --from=build /out/enrollment-gateway /usr/local/bin/
# graph-sandbox is the same program: it goes by the name under which it is called.
RUN /scripts/image-root /image /usr/local/bin/enrollment-gateway graph-sandbox

FROM scratch
COPY --from=root /image /
ARG VERSION=unreleased
ARG REVISION=unknown
LABEL org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$REVISION \
      org.opencontainers.image.title="enrollment-gateway" \
      org.opencontainers.image.description="Makes Android enrollment tokens in Microsoft Intune for callers with an API key; with graph-sandbox, an emulator of Entra and Graph"
ENV PATH=/usr/local/bin
# Callers are outside of the container. The management port stays on its loopback address, where the health check is.
ENV HTTP_HOST=0.0.0.0
USER 10001:10001
# What is to outlive a container goes here; all else may be read-only.
WORKDIR /var/lib/enrollment-gateway
VOLUME /var/lib/enrollment-gateway
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["enrollment-gateway", "health"]
ENTRYPOINT ["enrollment-gateway"]
CMD ["serve"]
