<?php
// Put your own signing code into sign(); run: okx-doctor test-signer -- php sign.php
function sign(array $r): string
{
    $prehash = $r['timestamp'] . strtoupper($r['method']) . $r['path'] . $r['body'];
    return base64_encode(hash_hmac('sha256', $prehash, $r['secret'], true));
}

while (($line = fgets(STDIN)) !== false) {
    echo sign(json_decode($line, true, 512, JSON_THROW_ON_ERROR)), "\n";
}
