# One static binary on nothing. A test runs each of these commands, since an
# image cannot be built everywhere.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=unversioned
RUN CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags "-s -w -X main.version=$VERSION" -o /out/tangent ./cmd/tangent
RUN mkdir -p /out/data /out/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/tangent /tangent
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build --chown=65532:65532 /out/tmp /tmp

# Not root. Give the folder of a bind mount to this user, or start with --user.
USER 65532:65532
VOLUME /data

# Inside, every address is the container's; publish 9090 to nobody but
# operators. Say where the audience is with TANGENT_AUDIENCE.
ENV TANGENT_DATA_DIR=/data \
    TANGENT_LISTEN=0.0.0.0:8080 \
    TANGENT_API_LISTEN=0.0.0.0:8081 \
    TANGENT_ADMIN_LISTEN=0.0.0.0:9090
EXPOSE 8080 8081 9090

STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s CMD ["/tangent", "healthcheck"]
ENTRYPOINT ["/tangent"]
CMD ["serve"]
