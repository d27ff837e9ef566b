"""Credentials in the forms in which people write them. The values are put in when a test runs."""

from __future__ import annotations

import base64
from typing import Final

KEY: Final = "-".join(("7f31c0b2", "9d4e", "4a86", "b2f5", "d10c83e96a47"))
SECRET: Final = "C41F09B7E3D2" + "58A6904BEE17" + "3D6F82A5"
PASSPHRASE: Final = "Tr4" + "der#Joe9"


def filled(text: str) -> str:
    values = {"{key}": KEY, "{secret}": SECRET, "{passphrase}": PASSPHRASE}
    for name, value in values.items():
        text = text.replace(name, value).replace(
            name.replace("}", ".base64}"), base64.b64encode(value.encode()).decode()
        )
    return text


THREE: Final[dict[str, tuple[str, str]]] = {
    "an env file": (".env", "OKX_API_KEY={key}\nOKX_SECRET_KEY={secret}\nOKX_PASSPHRASE={passphrase}\n"),
    "an env file with quotes, export and CRLF": (
        "prod.env",
        "export OKX_API_KEY='{key}'\r\nexport OKX_API_SECRET=\"{secret}\"\r\nexport OKX_API_PASSPHRASE='{passphrase}'\r\n",
    ),
    "commented out": (".env", "# OKX_KEY={key}\n# OKX_SECRET={secret}\n# OKX_PASSWORD={passphrase}\n"),
    "the names of OKEx": (".env", "OKEX_API_KEY={key}\nOKEX_API_SECRET={secret}\nOKEX_PASSPHRASE={passphrase}\n"),
    "a project's own prefix": (
        "a.env",
        "MYBOT_OKX_API_KEY={key}\nMYBOT_OKX_SECRET={secret}\nMYBOT_OKX_PASSPHRASE={passphrase}\n",
    ),
    "OKX's name at the end": (
        "b.py",
        "api_key_okx = '{key}'\nsecretOkx = '{secret}'\npassphrase_okx = '{passphrase}'\n",
    ),
    "numbered accounts": (".env", "OKX_API_KEY_2={key}\nOKX_SECRET_KEY_2={secret}\nOKX_PASSPHRASE_2={passphrase}\n"),
    "Python constants": (
        "bot.py",
        'OKX_API_KEY = "{key}"\nOKX_SECRET_KEY = "{secret}"\nOKX_PASSPHRASE = "{passphrase}"\n',
    ),
    "Python constants with types": (
        "bot.py",
        'OKX_API_KEY: str = "{key}"\nOKX_SECRET_KEY: Final[str] = "{secret}"\nOKX_PASSPHRASE: str | None = "{passphrase}"\n',
    ),
    "python-okx's keyword arguments": (
        "bot.py",
        "from okx.Account import AccountAPI\napi = AccountAPI(\n    api_key='{key}',\n    api_secret_key='{secret}',\n"
        "    passphrase='{passphrase}',\n    flag='0',\n)\n",
    ),
    "python-okx's names of variables": (
        "bot.py",
        'import okx.Trade as Trade\napi_key = "{key}"\nsecret_key = "{secret}"\npassphrase = "{passphrase}"\n',
    ),
    "positional arguments": ("bot.py", 'client = AccountAPI("{key}", "{secret}", "{passphrase}", False, "0")\n'),
    "positional arguments over lines": ("bot.go", 'c := New(\n\t"{key}",\n\t"{secret}",\n\t"{passphrase}",\n)\n'),
    "ccxt in Python": (
        "bot.py",
        "exchange = ccxt.okx({\n    'apiKey': '{key}',\n    'secret': '{secret}',\n    'password': '{passphrase}',\n})\n",
    ),
    "ccxt in JavaScript": (
        "bot.js",
        "const exchange = new ccxt.okx ({ apiKey: '{key}', secret: '{secret}', password: '{passphrase}' });\n",
    ),
    "ccxt's attributes": (
        "bot.py",
        "exchange = ccxt.okx()\nexchange.apiKey = '{key}'\nexchange.secret = '{secret}'\nexchange.password = '{passphrase}'\n",
    ),
    "okx-api for Node": (
        "bot.ts",
        "const client = new RestClient({\n  apiKey: '{key}',\n  apiSecret: '{secret}',\n  apiPass: '{passphrase}',\n});\n",
    ),
    "subscripts": (
        "bot.py",
        'config["okx"]["apiKey"] = "{key}"\nconfig["okx"]["secret"] = "{secret}"\nconfig["okx"]["password"] = "{passphrase}"\n',
    ),
    "os.environ": (
        "bot.py",
        'os.environ["OKX_API_KEY"] = "{key}"\nos.environ["OKX_SECRET_KEY"] = "{secret}"\n'
        'os.environ.setdefault("OKX_PASSPHRASE", "{passphrase}")\n',
    ),
    "defaults of getenv": (
        "bot.py",
        'k = os.getenv("OKX_API_KEY", "{key}")\ns = os.getenv("OKX_SECRET_KEY", "{secret}")\n'
        'p = os.getenv("OKX_PASSPHRASE", "{passphrase}")\n',
    ),
    "TypeScript constants": (
        "config.ts",
        "export const okxApiKey: string = '{key}';\nexport const okxSecretKey: string = `{secret}`;\n"
        "export const okxPassphrase: string = '{passphrase}';\n",
    ),
    "YAML": ("config.yaml", "okx:\n  api_key: {key}\n  secret: {secret}\n  passphrase: '{passphrase}'\n"),
    "YAML without a name": (
        "settings.yml",
        'exchange:\n  key: {key}\n  secret: {secret}\n  password: "{passphrase}"\n',
    ),
    "TOML of OKX's own client": (
        "config.toml",
        '[profiles.live]\napi_key = "{key}"\nsecret_key = "{secret}"\npassphrase = "{passphrase}"\n',
    ),
    "JSON": ("keys.json", '{"apiKey": "{key}", "secretKey": "{secret}", "passphrase": "{passphrase}"}\n'),
    "JSON of one exchange among many": (
        "exchanges.json",
        '{\n "kraken": {},\n "okx": {\n  "apiKey": "{key}",\n  "secret": "{secret}",\n  "password": "{passphrase}"\n }\n}\n',
    ),
    "freqtrade's configuration": (
        "config.json",
        '{"exchange": {\n  "name": "okx",\n  "key": "{key}",\n  "secret": "{secret}",\n  "password": "{passphrase}"\n}}\n',
    ),
    "freqtrade's environment": (
        "freqtrade.env",
        "FREQTRADE__EXCHANGE__NAME=okx\nFREQTRADE__EXCHANGE__KEY={key}\nFREQTRADE__EXCHANGE__SECRET={secret}\n"
        "FREQTRADE__EXCHANGE__PASSWORD={passphrase}\n",
    ),
    "Compose, as a mapping": (
        "docker-compose.yml",
        "    environment:\n      OKX_API_KEY: {key}\n      OKX_SECRET_KEY: \"{secret}\"\n      OKX_PASSPHRASE: '{passphrase}'\n",
    ),
    "Compose, as a list": (
        "compose.yaml",
        '    environment:\n      - OKX_API_KEY={key}\n      - OKX_SECRET_KEY={secret}\n      - "OKX_PASSPHRASE={passphrase}"\n',
    ),
    "a Dockerfile": (
        "Dockerfile",
        "FROM python\nENV OKX_API_KEY {key}\nENV OKX_SECRET_KEY={secret}\nENV OKX_PASSPHRASE={passphrase}\n",
    ),
    "Kubernetes' environment": (
        "pod.yaml",
        'env:\n- name: OKX_API_KEY\n  value: {key}\n- name: OKX_SECRET_KEY\n  value: "{secret}"\n'
        "- name: OKX_PASSPHRASE\n  value: '{passphrase}'\n",
    ),
    "a Kubernetes Secret": (
        "secret.yaml",
        "kind: Secret\ndata:\n  OKX_API_KEY: {key.base64}\n  OKX_SECRET_KEY: {secret.base64}\n"
        "  OKX_PASSPHRASE: {passphrase.base64}\n",
    ),
    "a systemd unit": (
        "bot.service",
        '[Service]\nEnvironment="OKX_API_KEY={key}"\nEnvironment="OKX_SECRET_KEY={secret}"\n'
        'Environment="OKX_PASSPHRASE={passphrase}"\n',
    ),
    "fish": (
        "env.fish",
        "set -x OKX_API_KEY {key}\nset -gx OKX_SECRET_KEY '{secret}'\nset -x OKX_PASSPHRASE {passphrase}\n",
    ),
    "PowerShell": (
        "env.ps1",
        '$env:OKX_API_KEY = "{key}"\n$env:OKX_SECRET_KEY = "{secret}"\n$env:OKX_PASSPHRASE = "{passphrase}"\n',
    ),
    "cmd": ("env.bat", "set OKX_API_KEY={key}\r\nset OKX_SECRET_KEY={secret}\r\nset OKX_PASSPHRASE={passphrase}\r\n"),
    "options of a command": (
        "run.sh",
        "bot --okx-api-key {key} --okx-secret={secret} --okx-passphrase '{passphrase}'\n",
    ),
    "Java constants": (
        "Okx.java",
        'private static final String API_KEY = "{key}";\nprivate static final String SECRET_KEY = "{secret}";\n'
        'private static final String PASSPHRASE = "{passphrase}";\n',
    ),
    "Java properties": (
        "application.properties",
        "okx.api.key={key}\nokx.secret-key={secret}\nokx.passphrase={passphrase}\n",
    ),
    "Go constants": (
        "main.go",
        'const (\n\tokxAPIKey = "{key}"\n\tokxSecretKey = "{secret}"\n\tokxPassphrase = "{passphrase}"\n)\n',
    ),
    "a Go structure": (
        "main.go",
        'cfg := okx.Config{\n\tAPIKey: "{key}",\n\tSecretKey: "{secret}",\n\tPassphrase: "{passphrase}",\n}\n',
    ),
    "Go's Setenv": (
        "main_test.go",
        't.Setenv("OKX_API_KEY", "{key}")\nt.Setenv("OKX_SECRET_KEY", "{secret}")\nt.Setenv("OKX_PASSPHRASE", `{passphrase}`)\n',
    ),
    "C#": (
        "Bot.cs",
        'var client = new OKXRestClient(o => {\n  const string ApiKey = "{key}";\n  const string ApiSecret = "{secret}";\n'
        '  const string PassPhrase = @"{passphrase}";\n});\n',
    ),
    "PHP's define": (
        "config.php",
        "define('OKX_API_KEY', '{key}');\ndefine('OKX_SECRET_KEY', '{secret}');\ndefine('OKX_PASSPHRASE', '{passphrase}');\n",
    ),
    "a PHP array": (
        "okx.php",
        "return ['apiKey' => '{key}', 'secret' => '{secret}', 'passphrase' => '{passphrase}'];\n",
    ),
    "Ruby": ("bot.rb", "Okx.new(api_key: '{key}', api_secret: '{secret}', passphrase: '{passphrase}')\n"),
    "Rust": (
        "main.rs",
        'const OKX_API_KEY: &str = "{key}";\nconst OKX_SECRET_KEY: &\'static str = "{secret}";\n'
        'const OKX_PASSPHRASE: &str = "{passphrase}";\n',
    ),
    "XML settings": (
        "app.config",
        '<add key="OKX_API_KEY" value="{key}"/>\n<add key="OKX_SECRET_KEY" value="{secret}"/>\n'
        '<add key="OKX_PASSPHRASE" value="{passphrase}"/>\n',
    ),
    "XML elements": (
        "settings.xml",
        "<okxApiKey>{key}</okxApiKey>\n<okxSecretKey>{secret}</okxSecretKey>\n<okxPassphrase>{passphrase}</okxPassphrase>\n",
    ),
    "Terraform": (
        "main.tfvars",
        'okx_api_key    = "{key}"\nokx_secret_key = "{secret}"\nokx_passphrase = "{passphrase}"\n',
    ),
    "a notebook": (
        "bot.ipynb",
        '"source": [\n "api_key = \'{key}\'\\n",\n "secret_key = \'{secret}\'\\n",\n "passphrase = \'{passphrase}\'\\n"\n]\n',
    ),
}
"""What it is, to a file's name and its text; key, secret and passphrase are all to be found in it."""

TWO: Final[dict[str, tuple[str, str]]] = {
    "headers of a curl command": (
        "try.sh",
        "curl -H 'OK-ACCESS-KEY: {key}' -H 'OK-ACCESS-PASSPHRASE: {passphrase}' $URL\n",
    ),
    "headers in code": ("bot.py", "headers = {'OK-ACCESS-KEY': '{key}', 'OK-ACCESS-PASSPHRASE': '{passphrase}'}\n"),
    "a HAR": (
        "okx.har",
        '{"name": "OK-ACCESS-KEY", "value": "{key}"}, {"name": "OK-ACCESS-PASSPHRASE", "value": "{passphrase}"}\n',
    ),
}
"""The same for a key and a passphrase, as a request carries them."""

NONE: Final[dict[str, tuple[str, str]]] = {
    "placeholders": (
        ".env.example",
        "OKX_API_KEY=your-api-key\nOKX_SECRET_KEY=<secret>\nOKX_PASSPHRASE=your_passphrase_here\n",
    ),
    "samples": (
        "README.md",
        "OKX_API_KEY=00000000-0000-4000-8000-000000000000\nOKX_SECRET_KEY=0123456789abcdef0123456789abcdef\n"
        "OKX_PASSPHRASE=an-Example-1\nOKX_API_KEY=12345678-1234-1234-1234-123456789012\n",
    ),
    "the sample of OKX's documentation": (
        "sign.py",
        "okx_secret_key = '22582BD0CFF14C41EDBF1AB98506286D'\nokx_api_key = '37c541a1-****-****-****-10fe7a038418'\n",
    ),
    "references": (
        "compose.yaml",
        "OKX_API_KEY: ${OKX_API_KEY}\nOKX_SECRET_KEY: ${OKX_SECRET_KEY:?missing}\nOKX_PASSPHRASE: ${OKX_PASSPHRASE-change-me-12}\n"
        'okx_passphrase: \'{{ lookup("env", "OKX_PASSPHRASE_9") }}\'\nOKX_PASSPHRASE: vault:okx/Passphrase1\n',
    ),
    "a workflow": (
        "ci.yml",
        "OKX_PASSPHRASE: ${{ secrets.OKX_PASSPHRASE_1 }}\nOKX_API_KEY: ${{ secrets.OKX_API_KEY }}\n",
    ),
    "expressions": (
        "bot.py",
        "import okx\napi_key = os.environ['OKX_API_KEY']\nokx_passphrase = settings.okx_Passphrase_2\n"
        "OKX_PASSPHRASE = getpass('OKX passphrase 1: ')\nokx_passphrase=passPhrase1\nokx_secret = load(Secret_1)\n",
    ),
    "expressions in a file whose name begins like an env file's": ("env.py", "okx_passphrase=passPhrase1\n"),
    "messages": (
        "bot.py",
        'raise ValueError("OKX_PASSPHRASE: set it to the passphrase of your API key (8 to 32 characters)")\n'
        'HELP = {"okx_passphrase": "The passphrase of the key", "okx_secret": "32 hexadecimal digits"}\n',
    ),
    "a lock file near OKX": (
        "package-lock.json",
        '"node_modules/okx-api": {"version": "3.0.0", "resolved": "https://registry.example/okx-api-3.0.0.tgz",\n'
        '"integrity": "md5-{secret}", "key": "{secret}", "id": "{key}"}\n',
    ),
    "hashes": ("SHA", "okx_hash = '{secret}'\nokx_secret_hash: {secret}\nokx_key_md5={secret}\netag = \"{secret}\"\n"),
    "UUIDs": ("ids.py", "okx_request_id = '{key}'\nokx_account_id = '{key}'\ntrace: {key}\nokx_key_id = '{key}'\n"),
    "another service's": (
        "settings.py",
        "SENTRY_KEY = '{secret}'\nSTRIPE_SECRET = '{secret}'\napi_key = '{key}'\nDB_PASSWORD = '{passphrase}'\n",
    ),
    "another exchange's forms": (
        "config.json",
        '{"kucoin": {"apiKey": "65a1f0c2e4b0a1d2c3f4a5b6", "secret": "{key}", "password": "{passphrase}"}}\n',
    ),
    "another service's password near OKX": (
        "config.yaml",
        "okx:\n  site: eea\npostgres:\n  db_password: '{passphrase}'\n  password: '{passphrase}'\n",
    ),
    "a key of its form far from OKX": ("a.py", "import okx\n" + "\n" * 40 + "api_key = '{key}'\n"),
    "a bundle on one endless line": ("x.min.js", "okx:{}," + "x:1," * 2000 + "partner:{key:'{key}'}"),
    "a line that is allowed": (
        ".env",
        "OKX_API_KEY={key}  # okx-doctor: allow\n// okx-doctor: allow\nOKX_SECRET={secret}\n",
    ),
}
"""What must stay silent."""
