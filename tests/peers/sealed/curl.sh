# curl and openssl
ts=$(date -u +%Y-%m-%dT%H:%M:%S.000Z)
path='/api/v5/account/balance?ccy=BTC'
sign=$(printf '%s' "${ts}GET${path}" | openssl dgst -sha256 -hmac "$OKX_SECRET_KEY" -binary | base64)
curl -sS "https://www.okx.com$path" -H "OK-ACCESS-KEY: $OKX_API_KEY" -H "OK-ACCESS-SIGN: $sign" \
  -H "OK-ACCESS-TIMESTAMP: $ts" -H "OK-ACCESS-PASSPHRASE: $OKX_PASSPHRASE"
