#!/bin/sh
# fetch-checked NAME VERSION URL CHECKSUM FILE : downloads a vendor's archive and refuses any other content than the
# checksum says (SHA-256, or SHA-512 by its length). What was fetched is noted for the SBOM in /opt/vendor/NAME.
set -eu
name=$1 version=$2 url=$3 sum=$4 file=$5
if [ -z "$sum" ]; then
  echo "The checksum of $name $version is not set: look it up at its vendor, for $url, and pass it as --build-arg $(
    echo "$name" | tr 'a-z-' 'A-Z_'
  )_SHA256=..." >&2
  exit 1
fi
case ${#sum} in
  64) tool=sha256sum ;;
  128) tool=sha512sum ;;
  *) echo "The checksum of $name must have 64 (SHA-256) or 128 (SHA-512) hex digits; found ${#sum}." >&2; exit 1 ;;
esac
curl -fsSL --proto '=https' --retry 3 -o "$file" "$url"
echo "$sum  $file" | "$tool" --check --status || { echo "$name $version: $url is not what its checksum says." >&2; exit 1; }
mkdir -p /opt/vendor
printf '%s\t%s\t%s\t%s\n' "$name" "$version" "$url" "$sum" > "/opt/vendor/$name"
