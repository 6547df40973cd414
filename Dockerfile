FROM swift:6.3-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends libcurl4-openssl-dev libpng-dev libqrencode-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
# The dependencies have a layer of their own: they are fetched again only when the manifest changes.
COPY Package.swift ./
RUN swift package resolve
COPY openapi.yaml ./
COPY Sources Sources
COPY Tests Tests
RUN swift build -c release --product enrollment-gateway --static-swift-stdlib \
    && install -D "$(swift build -c release --static-swift-stdlib --show-bin-path)/enrollment-gateway" /out/enrollment-gateway

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libcurl4 libpng16-16 libqrencode4 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin gateway
COPY --from=build /out/enrollment-gateway /usr/local/bin/enrollment-gateway
USER 10001:10001
# Callers are outside of the container. The management port stays on its loopback address, where the health check is.
ENV HTTP_HOST=0.0.0.0
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["enrollment-gateway", "health"]
ENTRYPOINT ["enrollment-gateway"]
CMD ["serve"]
