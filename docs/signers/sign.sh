#!/usr/bin/env bash
# Put your own signing code into sign; run: okx-doctor test-signer -- bash sign.sh
# Needs openssl and jq. openssl takes the key as an argument, which other users of the machine can see: fine for
# the published secrets of the vectors, not for yours.
set -euo pipefail

sign() { # secret timestamp method path body
  printf %s "$2${3^^}$4$5" | openssl dgst -sha256 -hmac "$1" -binary | openssl base64 -A
}

field() { jq -rj ".$1" <<<"$line"; }

while IFS= read -r line; do
  sign "$(field secret)" "$(field timestamp)" "$(field method)" "$(field path)" "$(field body)"
  echo
done
