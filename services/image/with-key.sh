#!/bin/sh
# with-key.sh COMMAND... : runs the service with the key that seals credentials, where compose.yml has made one.
set -eu
if [ -z "${CRAFTING_SECRET_KEY:-}" ] && [ -r /auth/secret.key ]; then
  CRAFTING_SECRET_KEY=$(cat /auth/secret.key)
  export CRAFTING_SECRET_KEY
fi
exec "$@"
