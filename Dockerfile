# The farm as an image. Targets: `service` (no toolchains), `debian` (those that Debian and npm have), `full` (all).
# services/image/README.md says how each is built. There is no syntax line: the built-in front end knows all of this,
# and a build that only reaches Debian and npm must not need another image.
ARG BASE_IMAGE=debian:bookworm-slim
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS node

# --- the farm itself -------------------------------------------------------------------------------------------------
FROM node AS modules
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error

FROM ${BASE_IMAGE} AS base
# A date such as 20261101T000000Z takes every package from snapshot.debian.org: the same build, the same packages.
ARG DEBIAN_SNAPSHOT=
# The one PATH of all targets. Folders that a target lacks do no harm; the Swift toolchain is last, because it brings a clang.
ENV LANG=C.UTF-8 \
    PATH=/opt/go/bin:/opt/rust/bin:/opt/python-tools/bin:/opt/dotnet:/opt/kotlin/bin:/opt/gradle/bin:/opt/npm-tools/node_modules/.bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/swift/usr/bin \
    CRAFTING_HOST=0.0.0.0 CRAFTING_PORT=8810 \
    CRAFTING_DATA_DIR=/data CRAFTING_WORKSPACE_DIR=/workspace CRAFTING_CACHE_DIR=/caches \
    NODE_COMPILE_CACHE=/tmp/node-compile MALLOC_ARENA_MAX=1
COPY --chmod=755 services/image/install-packages.sh /usr/local/sbin/install-packages
RUN install-packages bubblewrap ca-certificates git nats-server perl \
 && useradd --uid 1000 --user-group --create-home --shell /bin/bash crafter \
 && install -d -o crafter -g crafter -m 0750 /data /workspace /caches /auth
COPY --from=node /usr/local/bin/node /usr/local/bin/node
RUN ln -s /app/services/image/smoke.sh /usr/local/bin/smoke.sh \
 && ln -s /app/services/image/crafting-table.sh /usr/local/bin/crafting-table
WORKDIR /app
EXPOSE 8810
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --start-interval=1s CMD ["node", "/app/services/image/healthcheck.ts"]
CMD ["node", "--max-semi-space-size=4", "--disable-sigusr1", "/app/services/main.ts"]
LABEL org.opencontainers.image.title="crafting-table" \
      org.opencontainers.image.description="Self-hosted, polyglot build, test, lint and audit farm that mends what it finds" \
      org.opencontainers.image.licenses="MIT"

FROM base AS sources
COPY package.json LICENSE README.md ./
COPY events ./events
COPY parsers ./parsers
COPY projections ./projections
COPY recipes ./recipes
COPY services ./services

# --- target service --------------------------------------------------------------------------------------------------
FROM base AS service
COPY --from=modules /app/node_modules ./node_modules
COPY --from=sources /app ./
RUN node services/image/make-sbom.ts /usr/local/share/crafting-table && echo service > /usr/local/share/crafting-table/target
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.version="${VERSION}" org.opencontainers.image.revision="${REVISION}" crafting-table.target="service"
USER crafter

# --- target debian: one layer a toolchain ----------------------------------------------------------------------------
FROM node AS npm-tools
WORKDIR /opt/npm-tools
COPY services/image/npm-tools/package.json services/image/npm-tools/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund --loglevel=error \
 && ln -sf "$(ls -d node_modules/@oven/bun-linux-*64/bin/bun | head -n 1 | sed 's|^node_modules|..|')" node_modules/.bin/bun \
 && rm -rf node_modules/@oven/*musl* node_modules/@oven/*baseline* node_modules/@biomejs/*musl*

FROM base AS common-tools
RUN install-packages build-essential clang clang-tidy cmake cppcheck gcovr lld ninja-build valgrind
RUN install-packages bandit black flake8 mypy pipx pylint python3 python3-pip python3-pytest python3-pytest-cov python3-venv
RUN install-packages bundler rubocop ruby ruby-rspec
RUN install-packages composer php-cli php-codesniffer php-mbstring php-xml phpunit
RUN install-packages junit4 libmaven-compiler-plugin-java libmaven-resources-plugin-java libsurefire-java maven openjdk-17-jdk-headless
RUN install-packages bats curl fd-find jq ripgrep shellcheck shfmt unzip wget xz-utils yq \
 && ln -s /usr/bin/fdfind /usr/local/bin/fd
# The package manager of the node image, for recipes.
COPY --from=node /usr/local/lib/node_modules/npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
 && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx
COPY --from=npm-tools /opt/npm-tools /opt/npm-tools

# What `full` has newer from its vendor.
FROM common-tools AS debian-tools
RUN [ -n "$DEBIAN_SNAPSHOT" ] || echo "deb $(grep -rhoE 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list* | head -n 1) bookworm-backports main" > /etc/apt/sources.list.d/backports.list
RUN install-packages -t bookworm-backports golang-go
RUN install-packages cargo rust-clippy rustc rustfmt
RUN install-packages gradle
RUN install-packages kotlin

FROM debian-tools AS debian
COPY --from=modules /app/node_modules ./node_modules
COPY --from=sources /app ./
RUN node services/image/make-sbom.ts /usr/local/share/crafting-table && echo debian > /usr/local/share/crafting-table/target
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.version="${VERSION}" org.opencontainers.image.revision="${REVISION}" crafting-table.target="debian"
USER crafter

# --- target full: one stage a vendor, linux/amd64. A checksum without a value has to be given: see services/image/README.md ---
FROM base AS fetch
RUN install-packages curl unzip xz-utils
COPY --chmod=755 services/image/fetch-checked.sh /usr/local/sbin/fetch-checked
WORKDIR /opt

FROM fetch AS go
ARG GO_VERSION=1.25.9
ARG GO_SHA256
RUN fetch-checked go "$GO_VERSION" "https://go.dev/dl/go$GO_VERSION.linux-amd64.tar.gz" "$GO_SHA256" /tmp/go \
 && tar -xzf /tmp/go
# Neither has a prebuilt program of its own; the checksum database of Go stands for what is compiled.
ARG GOVULNCHECK_VERSION=v1.1.4
ARG STATICCHECK_VERSION=v0.6.1
RUN GOPATH=/tmp/gopath GOBIN=/opt/go/bin /opt/go/bin/go install "golang.org/x/vuln/cmd/govulncheck@$GOVULNCHECK_VERSION" \
 && GOPATH=/tmp/gopath GOBIN=/opt/go/bin /opt/go/bin/go install "honnef.co/go/tools/cmd/staticcheck@$STATICCHECK_VERSION" \
 && test -x /opt/go/bin/govulncheck && test -x /opt/go/bin/staticcheck

FROM fetch AS rust
ARG RUST_VERSION=1.95.0
ARG RUST_SHA256
RUN fetch-checked rust "$RUST_VERSION" "https://static.rust-lang.org/dist/rust-$RUST_VERSION-x86_64-unknown-linux-gnu.tar.xz" "$RUST_SHA256" /tmp/rust \
 && mkdir /tmp/rust-installer && tar -xJf /tmp/rust -C /tmp/rust-installer --strip-components 1 \
 && /tmp/rust-installer/install.sh --prefix=/opt/rust --without=rust-docs,rust-docs-json-preview --disable-ldconfig
# Under /opt, not under CARGO_HOME: /caches is a volume, which would hide them.
ARG CARGO_AUDIT_VERSION=0.21.2
ARG CARGO_AUDIT_SHA256
RUN fetch-checked cargo-audit "$CARGO_AUDIT_VERSION" "https://github.com/rustsec/rustsec/releases/download/cargo-audit%2Fv$CARGO_AUDIT_VERSION/cargo-audit-x86_64-unknown-linux-gnu-v$CARGO_AUDIT_VERSION.tgz" "$CARGO_AUDIT_SHA256" /tmp/audit \
 && tar -xzf /tmp/audit -C /opt/rust/bin --strip-components 1 --wildcards '*/cargo-audit' && test -x /opt/rust/bin/cargo-audit
ARG CARGO_DENY_VERSION=0.18.3
ARG CARGO_DENY_SHA256
RUN fetch-checked cargo-deny "$CARGO_DENY_VERSION" "https://github.com/EmbarkStudios/cargo-deny/releases/download/$CARGO_DENY_VERSION/cargo-deny-$CARGO_DENY_VERSION-x86_64-unknown-linux-musl.tar.gz" "$CARGO_DENY_SHA256" /tmp/deny \
 && tar -xzf /tmp/deny -C /opt/rust/bin --strip-components 1 --wildcards '*/cargo-deny' && test -x /opt/rust/bin/cargo-deny

FROM fetch AS jdk21
ARG JDK21_VERSION=21.0.5+11
ARG JDK21_SHA256
RUN file="$(echo "$JDK21_VERSION" | tr + _)" && tag="$(echo "$JDK21_VERSION" | sed 's/+/%2B/')" \
 && fetch-checked jdk21 "$JDK21_VERSION" "https://github.com/adoptium/temurin21-binaries/releases/download/jdk-$tag/OpenJDK21U-jdk_x64_linux_hotspot_$file.tar.gz" "$JDK21_SHA256" /tmp/jdk \
 && mkdir jdk21 && tar -xzf /tmp/jdk -C jdk21 --strip-components 1

FROM fetch AS gradle
ARG GRADLE_VERSION=8.10.2
ARG GRADLE_SHA256
RUN fetch-checked gradle "$GRADLE_VERSION" "https://services.gradle.org/distributions/gradle-$GRADLE_VERSION-bin.zip" "$GRADLE_SHA256" /tmp/gradle \
 && unzip -q /tmp/gradle && mv "gradle-$GRADLE_VERSION" gradle

FROM fetch AS kotlin
ARG KOTLIN_VERSION=2.1.0
ARG KOTLIN_SHA256
RUN fetch-checked kotlin "$KOTLIN_VERSION" "https://github.com/JetBrains/kotlin/releases/download/v$KOTLIN_VERSION/kotlin-compiler-$KOTLIN_VERSION.zip" "$KOTLIN_SHA256" /tmp/kotlin \
 && unzip -q /tmp/kotlin && mv kotlinc kotlin

FROM fetch AS dotnet
ARG DOTNET_VERSION=8.0.404
ARG DOTNET_SHA256
RUN fetch-checked dotnet "$DOTNET_VERSION" "https://builds.dotnet.microsoft.com/dotnet/Sdk/$DOTNET_VERSION/dotnet-sdk-$DOTNET_VERSION-linux-x64.tar.gz" "$DOTNET_SHA256" /tmp/dotnet \
 && mkdir dotnet && tar -xzf /tmp/dotnet -C dotnet

FROM fetch AS swift
ARG SWIFT_VERSION=6.0.3
ARG SWIFT_SHA256
RUN fetch-checked swift "$SWIFT_VERSION" "https://download.swift.org/swift-$SWIFT_VERSION-release/debian12/swift-$SWIFT_VERSION-RELEASE/swift-$SWIFT_VERSION-RELEASE-debian12.tar.gz" "$SWIFT_SHA256" /tmp/swift \
 && mkdir swift && tar -xzf /tmp/swift -C swift --strip-components 1

FROM fetch AS generic
ARG YQ_VERSION=4.44.5
ARG YQ_SHA256
RUN fetch-checked yq "$YQ_VERSION" "https://github.com/mikefarah/yq/releases/download/v$YQ_VERSION/yq_linux_amd64" "$YQ_SHA256" /usr/local/bin/yq \
 && chmod 755 /usr/local/bin/yq
ARG GH_VERSION=2.63.2
ARG GH_SHA256
RUN fetch-checked gh "$GH_VERSION" "https://github.com/cli/cli/releases/download/v$GH_VERSION/gh_${GH_VERSION}_linux_amd64.tar.gz" "$GH_SHA256" /tmp/gh \
 && tar -xzf /tmp/gh -C /usr/local/bin --strip-components 2 --wildcards '*/bin/gh'
ARG PHPSTAN_VERSION=2.0.4
ARG PHPSTAN_SHA256
RUN fetch-checked phpstan "$PHPSTAN_VERSION" "https://github.com/phpstan/phpstan/releases/download/$PHPSTAN_VERSION/phpstan.phar" "$PHPSTAN_SHA256" /usr/local/bin/phpstan \
 && chmod 755 /usr/local/bin/phpstan

# Pinned by version; what the index says is believed. mypy gets the stubs without which it fails on half of all projects.
FROM common-tools AS python-tools
ARG UV_VERSION=0.5.11
ARG RUFF_VERSION=0.8.4
ARG MYPY_VERSION=1.13.0
ARG PIP_AUDIT_VERSION=2.7.3
ARG SEMGREP_VERSION=1.97.0
RUN python3 -m venv --system-site-packages /opt/python-tools \
 && /opt/python-tools/bin/pip install --no-cache-dir --quiet "uv==$UV_VERSION" "ruff==$RUFF_VERSION" "mypy==$MYPY_VERSION" \
      "pip-audit==$PIP_AUDIT_VERSION" "semgrep==$SEMGREP_VERSION" types-requests types-PyYAML types-setuptools

FROM common-tools AS full
RUN install-packages libcurl4-openssl-dev libedit2 libicu72 libncurses-dev libsqlite3-0 libxml2-dev libz3-dev tzdata
ARG BUNDLER_AUDIT_VERSION=0.9.2
RUN gem install --silent --no-document --bindir /usr/local/bin bundler-audit -v "$BUNDLER_AUDIT_VERSION"
COPY --from=swift /opt /opt
COPY --from=jdk21 /opt /opt
COPY --from=dotnet /opt /opt
COPY --from=kotlin /opt /opt
COPY --from=gradle /opt /opt
COPY --from=rust /opt /opt
COPY --from=go /opt /opt
COPY --from=python-tools /opt/python-tools /opt/python-tools
COPY --from=generic /usr/local/bin/yq /usr/local/bin/gh /usr/local/bin/phpstan /usr/local/bin/
COPY --from=generic /opt/vendor /opt/vendor
ENV JAVA_HOME=/usr/lib/jvm/java-17-openjdk-amd64 JAVA_HOME_21=/opt/jdk21 DOTNET_ROOT=/opt/dotnet \
    DOTNET_CLI_TELEMETRY_OPTOUT=1 GOTOOLCHAIN=local
COPY --from=modules /app/node_modules ./node_modules
COPY --from=sources /app ./
RUN node services/image/make-sbom.ts /usr/local/share/crafting-table && echo full > /usr/local/share/crafting-table/target
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.version="${VERSION}" org.opencontainers.image.revision="${REVISION}" crafting-table.target="full"
USER crafter
