# Bad signers as people write them in Ruby. Reads {secret, key, passphrase, stamp} and prints one capture per line.
require 'json'; require 'openssl'; require 'base64'; require 'uri'
input = JSON.parse($stdin.read)
$secret, $key, $passphrase, $stamp = input.values_at('secret', 'key', 'passphrase', 'stamp')
BASE, ORDER, BALANCE = 'https://www.okx.com', '/api/v5/trade/order', '/api/v5/account/balance'
def emit(causes, method, target, body, signature)
  headers = { 'OK-ACCESS-KEY' => $key, 'OK-ACCESS-SIGN' => signature, 'OK-ACCESS-TIMESTAMP' => $stamp,
              'OK-ACCESS-PASSPHRASE' => $passphrase, 'Content-Type' => 'application/json', 'User-Agent' => 'Faraday v2' }
  puts JSON.generate({ causes: causes, capture: { method: method, url: BASE + target, headers: headers, body: body } })
end
def mac(text, key = $secret) = OpenSSL::HMAC.digest('SHA256', key, text)
def sign(text, key = $secret) = Base64.strict_encode64(mac(text, key))
order = { 'instId' => 'BTC-USDT', 'side' => 'buy', 'sz' => 0.5, 'note' => 'größe', 'flag' => true, 'none' => nil }
sent = order.to_json
post = ->(causes, signed) { emit(causes, 'POST', ORDER, sent, sign($stamp + 'POST' + ORDER + signed)) }
post.([], sent)
post.(['body-reserialised'], JSON.pretty_generate(order))
post.(['body-reserialised'], order.to_s)
post.(['body-form-encoded'], URI.encode_www_form(order.slice('instId', 'side').merge(order.slice('sz', 'note', 'flag')))) if false
text = $stamp + 'GET' + BALANCE
emit(['signature-hex'], 'GET', BALANCE, '', OpenSSL::HMAC.hexdigest('SHA256', $secret, text))
emit(['signature-base64url'], 'GET', BALANCE + '?ccy=BTC', '', Base64.urlsafe_encode64(mac(text + '?ccy=BTC'), padding: false))
emit(['hmac-arguments-swapped'], 'GET', BALANCE, '', sign($secret, text))
emit(['query-encoding'], 'GET', BALANCE + '?' + URI.encode_www_form(ccy: 'BTC,ETH'), '', sign(text + '?ccy=BTC,ETH'))
emit(['method-case'], 'GET', BALANCE, '', sign($stamp + :get.to_s + BALANCE))
