<?php
// Prints two requests as PHP does: php make.php FORM BASE_URL REQUESTS_JSON
[, $form, $base, $given] = $argv;
foreach (json_decode($given, true) as $each) {
    $headers = [];
    foreach ($each['headers'] as $name => $value) {
        $headers[] = "$name: $value";
    }
    echo $each['method'], ' ', $base, $each['target'], "\n";
    $form === 'php-print' ? print_r($headers) : var_dump($headers);
    echo 'body: ', $each['body'], "\n";
}
