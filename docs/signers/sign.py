"""Put your own signing code into sign(); run: okx-doctor test-signer -- python3 sign.py"""

import base64
import hashlib
import hmac
import json
import sys


def sign(secret, timestamp, method, path, body):
    prehash = timestamp + method.upper() + path + body
    digest = hmac.new(secret.encode(), prehash.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


for line in sys.stdin:
    print(sign(**json.loads(line)))
