<?php
// PHP's clients, one after another, against one address: how each says that it failed.
$url = getenv('TARGET');
$proxy = getenv('PROXY') ?: null;
$wait = (float) getenv('WAIT');
$passphrase = getenv('PASSPHRASE');
$warned = '';
set_error_handler(function ($level, $said, $file, $at) use (&$warned) {
    $warned .= "PHP Warning:  $said in $file on line $at\n";
    return true;
});

function use_curl() {
    global $url, $proxy, $wait, $passphrase;
    $asked = curl_init($url);
    curl_setopt_array($asked, [CURLOPT_RETURNTRANSFER => true, CURLOPT_TIMEOUT_MS => (int) ($wait * 1000),
        CURLOPT_HTTPHEADER => ["OK-ACCESS-PASSPHRASE: $passphrase"], CURLOPT_PROXY => $proxy]);
    if (curl_exec($asked) === false) {
        throw new Exception('cURL error ' . curl_errno($asked) . ': ' . curl_error($asked));
    }
}

function use_curl_bare() {
    global $url, $proxy, $wait;
    $asked = curl_init($url);
    curl_setopt_array($asked, [CURLOPT_RETURNTRANSFER => true, CURLOPT_TIMEOUT_MS => (int) ($wait * 1000), CURLOPT_PROXY => $proxy]);
    if (curl_exec($asked) === false) {
        throw new Exception(curl_error($asked));
    }
}

function use_streams() {
    global $url, $proxy, $wait, $passphrase, $warned;
    $options = ['timeout' => $wait, 'header' => "OK-ACCESS-PASSPHRASE: $passphrase"];
    if ($proxy) {
        $options += ['proxy' => preg_replace('/^https?/', 'tcp', $proxy), 'request_fulluri' => true];
    }
    ini_set('default_socket_timeout', (string) $wait);
    if (file_get_contents($url, false, stream_context_create(['http' => $options])) === false) {
        throw new Exception($warned);
    }
}

function use_guzzle() {
    global $url, $proxy, $wait, $passphrase;
    require_once 'GuzzleHttp/autoload.php';
    $client = new GuzzleHttp\Client(['timeout' => $wait, 'proxy' => $proxy]);
    $client->get($url, ['headers' => ['OK-ACCESS-PASSPHRASE' => $passphrase]]);
}

function use_hash_hmac() {
    base64_encode(hash_hmac('sha256', 'x', getenv('SIGNING_KEY') ?: [], true));
}

foreach (array_slice($argv, 1) as $name) {
    $uses = ['curl' => 'use_curl', 'curl_error' => 'use_curl_bare', 'streams' => 'use_streams', 'guzzle' => 'use_guzzle', 'hash_hmac' => 'use_hash_hmac'];
    [$line, $trace, $warned] = ['', '', ''];
    try {
        $uses[$name]();
    } catch (Throwable $error) {
        $line = $error->getMessage();
        $trace = $name === 'streams' ? $line : "PHP Fatal error:  Uncaught $error\n  thrown in {$error->getFile()} on line {$error->getLine()}";
    }
    echo "\x1e$name\x1fPHP " . PHP_VERSION . "\n\x1f$line\x1f$trace\n";
}
