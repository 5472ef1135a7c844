#!/bin/sh
# install-packages [apt options] PACKAGE... : installs from Debian, at the date of $DEBIAN_SNAPSHOT when that is set, and
# leaves no lists behind. Installed in the image as /usr/local/sbin/install-packages.
set -eu
if [ -n "${DEBIAN_SNAPSHOT:-}" ] && [ ! -e /etc/apt/snapshot ]; then
  rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*
  for place in debian:bookworm debian:bookworm-updates debian:bookworm-backports debian-security:bookworm-security; do
    echo "deb [check-valid-until=no] http://snapshot.debian.org/archive/${place%%:*}/$DEBIAN_SNAPSHOT ${place#*:} main" \
      >> /etc/apt/sources.list
  done
  echo "$DEBIAN_SNAPSHOT" > /etc/apt/snapshot
fi
# Slim images lack it, and every Java package fails without it.
mkdir -p /usr/share/man/man1
# Any list that is missing is an error: half of them would be an image without its security updates.
apt-get update -qq -o APT::Update::Error-Mode=any
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" > /tmp/install.log 2>&1 || {
  tail -n 40 /tmp/install.log >&2
  exit 1
}
rm -rf /tmp/install.log /var/lib/apt/lists/* /var/cache/apt/*.bin /var/log/apt /var/log/dpkg.log /var/log/alternatives.log
