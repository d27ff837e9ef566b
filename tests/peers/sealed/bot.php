<?php
$path = "/api/v5/account/balance?ccy=BTC";
$ts = gmdate("Y-m-d\TH:i:s.000\Z");
$sign = base64_encode(hash_hmac("sha256", $ts . "GET" . $path, getenv("OKX_SECRET_KEY"), true));
$c = curl_init("https://www.okx.com" . $path);
curl_setopt_array($c, [CURLOPT_RETURNTRANSFER => true, CURLOPT_HTTPHEADER => ["OK-ACCESS-KEY: " . getenv("OKX_API_KEY"), "OK-ACCESS-SIGN: $sign", "OK-ACCESS-TIMESTAMP: $ts", "OK-ACCESS-PASSPHRASE: " . getenv("OKX_PASSPHRASE")]]);
$body = curl_exec($c);
echo curl_getinfo($c, CURLINFO_HTTP_CODE), " ", $body === false ? curl_error($c) : substr($body, 0, 60), "\n";
exit(curl_getinfo($c, CURLINFO_HTTP_CODE) == 200 ? 0 : 1);
