#!/bin/bash
# Bad signers as people write them in bash. Takes secret, key, passphrase, stamp; prints one capture per line.
secret=$1 key=$2 passphrase=$3 stamp=$4
path=/api/v5/account/balance
emit() { # cause target signature
  printf '{"causes":["%s"],"capture":{"method":"GET","url":"https://www.okx.com%s","headers":{"OK-ACCESS-KEY":"%s","OK-ACCESS-SIGN":"%s","OK-ACCESS-TIMESTAMP":"%s","OK-ACCESS-PASSPHRASE":"%s","User-Agent":"curl/8.5.0"}}}\n' \
    "$1" "$2" "$key" "$3" "$stamp" "$passphrase"
}
hex() { openssl dgst -sha256 -hmac "${1:-$secret}" | sed 's/^.*= *//'; }
sign() { openssl dgst -sha256 -hmac "${1:-$secret}" -binary | base64; }
emit prehash-separator "$path" "$(echo "${stamp}GET$path" | sign)"
emit query-not-signed "$path?ccy=BTC" "$(printf %s "${stamp}GET$path" | sign)"
emit signature-hex "$path" "$(printf %s "${stamp}GET$path" | hex)"
emit signature-base64-of-hex "$path" "$(printf %s "${stamp}GET$path" | hex | tr -d '\n' | base64 -w0)"
emit signature-base64-twice "$path" "$(printf %s "${stamp}GET$path" | sign | base64 -w0)"
emit prehash-encoding "$path" "$(printf %s "${stamp}GET$path" | iconv -t UTF-16LE | sign)"
emit secret-altered "$path" "$(printf %s "${stamp}GET$path" | sign "$secret"$'\n')"
emit secret-altered "$path" "$(printf %s "${stamp}GET$path" | sign "\"$secret\"")"
emit wrong-hash "$path" "$(printf %s "${stamp}GET$path" | openssl dgst -sha512 -hmac "$secret" -binary | base64 -w0)"
emit unkeyed-hash "$path" "$(printf %s "${stamp}GET$path" | openssl dgst -sha256 -binary | base64)"
emit method-case "$path" "$(printf %s "${stamp}get$path" | sign)"
emit timestamp-differs "$path" "$(printf %s "$(date -u -d "$stamp" +%s)GET$path" | sign)"
emit timestamp-differs "$path" "$(printf %s "$(date -u -d "$stamp + 2 seconds" +%Y-%m-%dT%H:%M:%SZ)GET$path" | sign)"
emit prehash-order "$path" "$(printf %s "GET$stamp$path" | sign)"
