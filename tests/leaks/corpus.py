"""Credentials in the forms in which people write them. The values are put in when a test runs."""

from __future__ import annotations

import base64
from typing import Final

KEY: Final = "-".join(("7f31c0b2", "9d4e", "4a86", "b2f5", "d10c83e96a47"))
SECRET: Final = "C41F09B7E3D2" + "58A6904BEE17" + "3D6F82A5"
PASSPHRASE: Final = "Tr4" + "der#Joe9"
WITH_BLANKS: Final = "Tr4der " + "Joe #9"
WITH_A_WORD: Final = "my long Pa" + "ss 7 word"


def filled(text: str) -> str:
    values = {
        "{key}": KEY,
        "{secret}": SECRET,
        "{passphrase}": PASSPHRASE,
        "{passphrase with blanks}": WITH_BLANKS,
        "{passphrase with a word}": WITH_A_WORD,
    }
    for name, value in values.items():
        halves = (value[: len(value) // 2], value[len(value) // 2 :])
        for half, part in zip(("first", "second"), halves, strict=True):
            text = text.replace(name.replace("}", f".{half}}}"), part)
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

NAMES: Final[tuple[str, ...]] = (
    "OKX_SECRET_KEY_OLD",
    "OKX_EEA_SECRET_KEY",
    "OKX_ALICE_SECRET_KEY",
    "OKX_ALICE_SECRET",
    "OLD_OKX_SECRET_KEY",
    "OKX_SECRET_KEY_ALICE_BACKUP",
    "OKX_LIVE_2_API_SECRET",
    "OKX_MAIN_ACCOUNT_SECRET_KEY_V2",
    "okx_alice_secret_key",
    "okxAliceSecretKey",
    "okxSecretKeyOld",
    "OkxEeaSecret",
    "okxsecretkeyold",
    "okxalicesecretkey",
    "okxApiSecretKey2",
    "okx-alice-secret-key",
    "okx.accounts.alice.secret-key",
    "OKX__ACCOUNTS__ALICE__SECRET_KEY",
    "NEXT_PUBLIC_OKX_SECRET_KEY_PROD",
    "REACT_APP_OKX_ALICE_SECRET",
    "TF_VAR_okx_bob_secret_key",
    "OKX_BOT7_SECRETKEY",
    "OKEX_ALICE_API_SECRET",
    "aliceOkxApiSecret",
    "OKX_HEDGE_APISECRET",
    "okx_grid_bot_secret",
)
"""Names of OKX's secret key with something before or behind."""

ALSO: Final[dict[str, tuple[str, str]]] = {
    "a shell's default": (
        "run.sh",
        ': "${OKX_SECRET_KEY:-{secret}}"\nexport OKX_PASSPHRASE=${OKX_PASSPHRASE:-{passphrase}}\n',
    ),
    "a shell's default without a colon": ("run.sh", "S=${OKX_SECRET_KEY-{secret}}\n"),
    "a shell's default that is assigned": ("run.sh", ": ${OKX_SECRET_KEY:={secret}}\n"),
    "a shell's default in quotes": ("run.sh", 'K="${OKX_API_KEY:-"{key}"}"\n'),
    "Compose's default": ("compose.yaml", "  - S=${OKX_SECRET_KEY:-{secret}}\n  - P=${OKX_PASSPHRASE:-{passphrase}}\n"),
    "JavaScript's or": (
        "bot.js",
        "const s = process.env.OKX_SECRET_KEY || '{secret}';\nconst p = process.env.OKX_PASSPHRASE || '{passphrase}';\n",
    ),
    "JavaScript's or over lines": ("bot.js", "const s =\n  process.env.OKX_SECRET_KEY ||\n  '{secret}';\n"),
    "JavaScript's or on the next line": ("bot.js", "const s = process.env.OKX_SECRET_KEY\n  || '{secret}';\n"),
    "TypeScript's nullish": ("bot.ts", "secret: process.env.OKX_SECRET_KEY ?? `{secret}`,\n"),
    "TypeScript's nullish with a subscript": ("bot.ts", "const p = process.env['OKX_PASSPHRASE'] ?? '{passphrase}';\n"),
    "a ternary": ("bot.js", "const s = process.env.OKX_SECRET_KEY ? process.env.OKX_SECRET_KEY : '{secret}';\n"),
    "Deno": ("bot.ts", 'const s = Deno.env.get("OKX_SECRET_KEY") ?? "{secret}";\n'),
    "Vite": ("a.ts", "const s = import.meta.env.VITE_OKX_SECRET_KEY || '{secret}'\n"),
    "Python's getenv": (
        "bot.py",
        "s = os.getenv('OKX_SECRET_KEY', '{secret}')\np = os.getenv('OKX_PASSPHRASE', default='{passphrase}')\n",
    ),
    "Python's environ.get": ("bot.py", 's = os.environ.get("OKX_SECRET_KEY", "{secret}")\n'),
    "Python's or": (
        "bot.py",
        's = os.environ.get("OKX_SECRET_KEY") or "{secret}"\np = os.getenv("OKX_PASSPHRASE") or "{passphrase}"\n',
    ),
    "Python's else": ("bot.py", 's = os.environ["OKX_SECRET_KEY"] if live else "{secret}"\n'),
    "Django's env": ("settings.py", 'OKX = env.str("OKX_SECRET_KEY", default="{secret}")\n'),
    "decouple": ("settings.py", 'S = config("OKX_SECRET_KEY", default="{secret}", cast=str)\n'),
    "pydantic": (
        "settings.py",
        'okx_secret_key: SecretStr = SecretStr("{secret}")\nokx_passphrase: SecretStr = SecretStr("{passphrase}")\n',
    ),
    "pydantic's Field": (
        "settings.py",
        'okx_secret_key: str = Field("{secret}")\nokx_api_key: str = Field(default="{key}")\n',
    ),
    "click's option": ("cli.py", '@click.option("--okx-secret-key", help="the secret", default="{secret}")\n'),
    "argparse": (
        "cli.py",
        'p.add_argument("--okx-secret", type=str, default="{secret}")\np.add_argument("--okx-passphrase", default="{passphrase}")\n',
    ),
    "bytes": ("bot.py", "okx_secret = b'{secret}'\n"),
    "a tuple": ("bot.py", 'import okx\napi_key, secret_key, passphrase = "{key}", "{secret}", "{passphrase}"\n'),
    "a destructured array": (
        "okx.js",
        "const [apiKey, secretKey, passphrase] = ['{key}', '{secret}', '{passphrase}'];\n",
    ),
    "an attribute of self": (
        "okx_bot.py",
        "self.api_key = '{key}'\nself.secret_key = '{secret}'\nself.passphrase = '{passphrase}'\n",
    ),
    "an attribute of a configuration": ("okx_bot.py", "config.secret = '{secret}'\n"),
    "Java's getenv": (
        "Bot.java",
        'String s = System.getenv("OKX_SECRET_KEY") != null ? System.getenv("OKX_SECRET_KEY") : "{secret}";\n',
    ),
    "Java's getOrDefault": ("Bot.java", 'String s = System.getenv().getOrDefault("OKX_SECRET_KEY", "{secret}");\n'),
    "Java's Optional": (
        "Bot.java",
        'String s = Optional.ofNullable(System.getenv("OKX_SECRET_KEY")).orElse("{secret}");\n',
    ),
    "Spring": ("Bot.java", '@Value("${okx.secret-key:{secret}}") String s;\n'),
    "Kotlin's Elvis": ("Bot.kt", 'val s = System.getenv("OKX_SECRET_KEY") ?: "{secret}"\n'),
    "Scala": ("Bot.scala", 'val s = sys.env.getOrElse("OKX_SECRET_KEY", "{secret}")\n'),
    "Go's cmp.Or": ("main.go", 's := cmp.Or(os.Getenv("OKX_SECRET_KEY"), "{secret}")\n'),
    "a Go helper": (
        "main.go",
        's := getenv("OKX_SECRET_KEY", "{secret}")\np := getenv("OKX_PASSPHRASE", "{passphrase}")\n',
    ),
    "a Go variable with its type": ("main.go", 'var okxSecretKey string = "{secret}"\n'),
    "a Go flag": ("main.go", 'flag.String("okx-secret-key", "{secret}", "the secret")\n'),
    "viper": ("main.go", 'viper.SetDefault("okx.secret_key", "{secret}")\n'),
    "Ruby's fetch": (
        "bot.rb",
        "s = ENV.fetch('OKX_SECRET_KEY', '{secret}')\np = ENV.fetch('OKX_PASSPHRASE') { '{passphrase}' }\n",
    ),
    "Ruby's or": ("bot.rb", "s = ENV['OKX_SECRET_KEY'] || '{secret}'\n"),
    "PHP's Elvis": (
        "bot.php",
        "$s = getenv('OKX_SECRET_KEY') ?: '{secret}';\n$p = $_ENV['OKX_PASSPHRASE'] ?? '{passphrase}';\n",
    ),
    "Laravel's env": ("okx.php", "'secret' => env('OKX_SECRET_KEY', '{secret}'),\n"),
    "Rust's unwrap_or": ("main.rs", 'let s = env::var("OKX_SECRET_KEY").unwrap_or("{secret}".to_string());\n'),
    "Rust's unwrap_or_else": ("main.rs", 'let s = env::var("OKX_SECRET_KEY").unwrap_or_else(|_| "{secret}".into());\n'),
    "Rust's String::from": (
        "main.rs",
        'let okx_secret = String::from("{secret}");\nlet okx_passphrase = String::from("{passphrase}");\n',
    ),
    "C#'s environment": ("Bot.cs", 'var s = Environment.GetEnvironmentVariable("OKX_SECRET_KEY") ?? "{secret}";\n'),
    "Perl": (
        "bot.pl",
        "my $s = $ENV{OKX_SECRET_KEY} // '{secret}';\nmy $p = $ENV{OKX_PASSPHRASE} || '{passphrase}';\n",
    ),
    "Lua": ("bot.lua", 'local s = os.getenv("OKX_SECRET_KEY") or "{secret}"\n'),
    "Elixir": ("config.exs", 's = System.get_env("OKX_SECRET_KEY") || "{secret}"\n'),
    "Julia": ("bot.jl", 's = get(ENV, "OKX_SECRET_KEY", "{secret}")\n'),
    "R": ("bot.R", 's <- Sys.getenv("OKX_SECRET_KEY", unset = "{secret}")\nokx_secret_key <- "{secret}"\n'),
    "Dart": ("bot.dart", "const s = String.fromEnvironment('OKX_SECRET_KEY', defaultValue: '{secret}');\n"),
    "Swift": (
        "Bot.swift",
        'let okxSecretKey: String = "{secret}"\nlet s = ProcessInfo.processInfo.environment["OKX_PASSPHRASE"] ?? "{passphrase}"\n',
    ),
    "C": ("bot.c", 'static const char *okx_secret_key = "{secret}";\nconst char okx_passphrase[] = "{passphrase}";\n'),
    "C's define": ("bot.h", '#define OKX_SECRET_KEY "{secret}"\n#define OKX_PASSPHRASE "{passphrase}"\n'),
    "Objective-C": ("Bot.m", 'NSString *okxSecretKey = @"{secret}";\n'),
    "Nix": ("bot.nix", 'environment.OKX_SECRET_KEY = "{secret}";\n'),
    "Helm's default": ("d.yaml", 'value: {{ .Values.okxSecretKey | default "{secret}" }}\n'),
    "a passphrase with a word of sentences": (".env", 'OKX_PASSPHRASE="{passphrase with a word}"\n'),
    "a passphrase with a word of sentences in code": ("bot.py", "okx_passphrase = '{passphrase with a word}'\n"),
    "a passphrase with a word of sentences beside a key": (
        "a.json",
        '{"okx": {"apiKey": "{key}", "secret": "{secret}", "password": "{passphrase with a word}"}}\n',
    ),
    "Lua's long string": ("bot.lua", "local okx_secret_key = [[{secret}]]\nokx_passphrase = [==[{passphrase}]==]\n"),
    "Lua's table of long strings": (
        "bot.lua",
        "okx = { apiKey = [[{key}]], secret = [=[{secret}]=], passphrase = [[\n{passphrase}]] }\n",
    ),
    "Lua's subscript": ("bot.lua", 'keys["okx_secret"] = [[{secret}]]\n'),
    "Elixir's configuration": (
        "config.exs",
        'config :app, okx_secret_key: "{secret}", okx_passphrase: "{passphrase}"\nconfig :app, :okx_api_key, "{key}"\n',
    ),
    "Elixir's put_env": (
        "a.exs",
        'System.put_env("OKX_SECRET_KEY", "{secret}")\nSystem.put_env(%{"OKX_PASSPHRASE" => "{passphrase}"})\n',
    ),
    "Elixir's get_env": ("a.exs", 'System.get_env("OKX_SECRET_KEY", "{secret}")\n'),
    "Elixir's configuration of a module": (
        "config.exs",
        'config :app, App.Okx,\n  api_key: "{key}",\n  secret_key: "{secret}",\n  passphrase: "{passphrase}"\n',
    ),
    "Elixir's sigils": ("a.exs", "config :app, okx_secret_key: ~s({secret}), okx_passphrase: ~S|{passphrase}|\n"),
    "Ruby's percent literals": ("bot.rb", "okx_secret = %q({secret})\nOKX_PASSPHRASE = %[{passphrase}]\n"),
    "Rust's raw strings": ("a.rs", 'const OKX_SECRET: &str = r#"{secret}"#;\nlet okx_passphrase = r"{passphrase}";\n'),
    "C++'s raw strings": ("a.cpp", 'auto okx_secret = R"({secret})";\nauto okx_passphrase = R"x({passphrase})x";\n'),
    "a section of an ini file": ("a.ini", "[other]\na = b\n\n[okx]\n; live\npassphrase = {passphrase}\n"),
    "a section of an ini file with more in its name": ("bot.cfg", "[okx-live]\nsite=eea\npassword={passphrase}\n"),
    "a section of TOML": ("a.toml", '[exchanges.okx]\nsite = "eea"\npassphrase = "{passphrase}"\n'),
    "a section of TOML in an array": ("a.toml", "[[okx]]  # main\r\npassphrase = '{passphrase}'\r\n"),
    "a quoted section of TOML": ("a.toml", '["okx"]\npassphrase = "{passphrase}"\n'),
    "below a key of YAML": ("a.yaml", "accounts:\n  okx:\n    site: eea\n    passphrase: {passphrase}\n"),
    "below a key of JSON": ("a.json", '{\n  "okx": {\n    "site": "eea",\n    "password": "{passphrase}"\n  }\n}\n'),
    "in a block": ("a.hcl", 'okx {\n  passphrase = "{passphrase}"\n}\n'),
    "a passphrase with blanks": (".env", 'OKX_PASSPHRASE="{passphrase with blanks}"\n'),
    "a passphrase with blanks in code": ("bot.py", "OKX_PASSPHRASE = '{passphrase with blanks}'\n"),
    "a passphrase with blanks in JSON": (
        "okx.json",
        '{"apiKey": "{key}", "secret": "{secret}", "password": "{passphrase with blanks}"}\n',
    ),
    "a notebook in double quotes": (
        "bot.ipynb",
        '"source": [\n "OKX_API_KEY = \\"{key}\\"\\n",\n "OKX_SECRET_KEY = \\"{secret}\\"\\n",\n "OKX_PASSPHRASE=\\"{passphrase}\\""\n]\n',
    ),
    "a notebook on one line": (
        "bot.ipynb",
        '"source": "import okx\\napi_key = \\"{key}\\"\\nsecret_key = \\"{secret}\\"\\npassphrase = \\"{passphrase}\\"\\n"\n',
    ),
    "JSON in JSON": (
        "a.json",
        '{"SecretString": "{\\"okx_secret\\": \\"{secret}\\", \\"okx_passphrase\\": \\"{passphrase}\\"}"}\n',
    ),
    "JSON in HTML": ("a.html", "<div data-c='{&quot;okxSecret&quot;:&quot;{secret}&quot;}'></div>\n"),
    "CSV": ("okx.csv", "account,api_key,secret_key,passphrase\nalice,{key},{secret},{passphrase}\n"),
    "CSV in quotes": (
        "accounts.csv",
        '"exchange","apiKey","secret","password"\n"okx","{key}","{secret}","{passphrase}"\n',
    ),
    "CSV by semicolons": ("okx.csv", "API key;Secret key;Passphrase\n{key};{secret};{passphrase}\n"),
    "a table by tabs": ("okx.tsv", "API key\tSecret key\tPassphrase\n{key}\t{secret}\t{passphrase}\n"),
    "SQL's INSERT": (
        "seed.sql",
        "INSERT INTO okx_keys (id, api_key, secret_key, passphrase)\nVALUES (1, '{key}', '{secret}', '{passphrase}');\n",
    ),
    "SQL's INSERT of several rows": (
        "seed.sql",
        "insert into t (exchange, api_key, secret, passphrase) values\n ('a', 'b', 'c', 'd'),\n ('okx', '{key}', '{secret}', '{passphrase}');\n",
    ),
    "SQL's UPDATE": (
        "seed.sql",
        "UPDATE accounts SET okx_secret_key = '{secret}', okx_passphrase = '{passphrase}' WHERE id = 1;\n",
    ),
    "SQL's default": ("schema.sql", "okx_secret_key VARCHAR(32) NOT NULL DEFAULT '{secret}'\n"),
    "a property list": (
        "Info.plist",
        "<key>OKX_SECRET_KEY</key>\n<string>{secret}</string>\n<key>OKX_PASSPHRASE</key>\n\t<string>{passphrase}</string>\n",
    ),
    "Android's strings": (
        "strings.xml",
        '<string name="okx_secret_key">{secret}</string>\n<string name="okx_passphrase">{passphrase}</string>\n',
    ),
    "Maven's properties": ("pom.xml", "<okx.secret.key>{secret}</okx.secret.key>\n"),
    "PHPUnit's environment": ("phpunit.xml", '<env name="OKX_SECRET_KEY" value="{secret}" force="true"/>\n'),
    "XML on lines of its own": ("c.xml", "<okxSecretKey>\n  {secret}\n</okxSecretKey>\n"),
    "a table of HTML": ("a.html", "<tr><td>OKX secret key</td><td><code>{secret}</code></td></tr>\n"),
    "Terraform's variable": (
        "variables.tf",
        'variable "okx_secret_key" {\n  type        = string\n  description = "the secret"\n  sensitive   = true\n  default     = "{secret}"\n}\n',
    ),
    "Terraform's passphrase": ("variables.tf", 'variable "okx_passphrase" {\n  default = "{passphrase}"\n}\n'),
    "Terraform's map": (
        "main.tf",
        'environment = {\n  OKX_SECRET_KEY = "{secret}"\n  "OKX_PASSPHRASE" : "{passphrase}"\n}\n',
    ),
    "Markdown in backticks": ("notes.md", "- OKX secret key: `{secret}`\n- OKX passphrase: `{passphrase}`\n"),
    "Markdown in bold": (
        "notes.md",
        "# OKX\n**API key:** {key}\n**Secret key**: {secret}\n**Passphrase**: `{passphrase}`\n",
    ),
    "Markdown's table": (
        "notes.md",
        "# OKX\n\n| API key | Secret key | Passphrase |\n|---|---|---|\n| `{key}` | `{secret}` | `{passphrase}` |\n",
    ),
    "Markdown's table by rows": (
        "notes.md",
        "| what | value |\n|---|---|\n| OKX_SECRET_KEY | `{secret}` |\n| OKX_PASSPHRASE | `{passphrase}` |\n",
    ),
    "prose": ("notes.md", "The OKX secret key is `{secret}` and the OKX passphrase is `{passphrase}`.\n"),
    "lines of notes": ("okx.txt", "api key\n{key}\nsecret key\n{secret}\n"),
    "a fullwidth colon": ("okx.txt", "API key：{key}\nSecret key：{secret}\n"),
    "pieces with a plus": ("bot.js", "const okxSecret = '{secret.first}' + '{secret.second}';\n"),
    "pieces side by side": ("bot.py", 'OKX_SECRET_KEY = "{secret.first}" "{secret.second}"\n'),
    "pieces in parentheses over lines": (
        "bot.py",
        'OKX_SECRET_KEY = (\n    "{secret.first}"\n    "{secret.second}"\n)\n',
    ),
    "pieces with a dot": ("bot.php", "$okx_secret = '{secret.first}' . '{secret.second}';\n"),
    "pieces by a backslash": ("bot.py", 'OKX_SECRET_KEY = "{secret.first}" \\\n    "{secret.second}"\n'),
    "a literal that goes on": ("bot.py", 'OKX_SECRET_KEY = "{secret.first}\\\n{secret.second}"\n'),
    "a plus at the end of a line": ("Bot.java", 'String okxSecret = "{secret.first}" +\n    "{secret.second}";\n'),
    "a passphrase in pieces": ("bot.py", 'OKX_PASSPHRASE = "{passphrase.first}" + "{passphrase.second}"\n'),
    "YAML's block": ("okx.yaml", "secret: |\n  {secret}\npassphrase: |-\n  {passphrase}\n"),
    "YAML's folded block": ("a.yaml", "okx_secret_key: >-\n    {secret}\n"),
    "YAML on the next line": ("a.yaml", "okx_secret_key:\n  {secret}\n"),
    "YAML's flow": ("a.yaml", "okx: {api_key: {key}, secret: {secret}}\n"),
    "YAML with an anchor": ("a.yaml", 'okx_secret_key: &s "{secret}"\n'),
    "Dockerfile's ARG": ("Dockerfile", "ARG OKX_SECRET_KEY={secret}\nARG OKX_PASSPHRASE='{passphrase}'\n"),
    "a list of environment in JSON": (
        "task.json",
        '"environment": [{"name": "OKX_SECRET_KEY", "value": "{secret}"}, {"name": "OKX_PASSPHRASE", "value": "{passphrase}"}]\n',
    ),
    "a list of assignments in JSON": ("c.json", '"Env": ["OKX_SECRET_KEY={secret}", "OKX_PASSPHRASE={passphrase}"]\n'),
    "docker run": ("run.sh", "docker run -e OKX_SECRET_KEY={secret} -e OKX_PASSPHRASE='{passphrase}' bot\n"),
    "CloudFormation's parameter": ("t.yaml", "OkxSecretKey:\n    Type: String\n    Default: {secret}\n"),
    "parameters of a stack": ("run.sh", "aws deploy --parameters ParameterKey=OkxSecretKey,ParameterValue={secret}\n"),
    "a Kubernetes Secret of generic names": (
        "okx-secret.yaml",
        "data:\n  api-key: {key.base64}\n  secret-key: {secret.base64}\n  passphrase: {passphrase.base64}\n",
    ),
    "stringData": ("secret.yaml", "stringData:\n  okx-secret-key: {secret}\n  okx-passphrase: {passphrase}\n"),
    "kubectl": (
        "run.sh",
        "kubectl create secret generic okx --from-literal=secret-key={secret} --from-literal=api-key={key}\n",
    ),
    "headers in a document": ("api.md", "OK-ACCESS-KEY: {key}\nOK-ACCESS-PASSPHRASE: {passphrase}\n"),
    "headers in Go": (
        "main.go",
        'req.Header.Set("OK-ACCESS-KEY", "{key}")\nreq.Header.Set("OK-ACCESS-PASSPHRASE", "{passphrase}")\n',
    ),
    "INI": ("bot.ini", "[okx]\napiKey = {key}\nsecret = {secret}\npassphrase = {passphrase}\n"),
    "properties with a colon": ("a.properties", "okx.secret.key: {secret}\nokx.passphrase: {passphrase}\n"),
    "properties with a blank": ("a.properties", "okx.secret.key {secret}\n"),
    "a URL's query": ("run.sh", "curl 'http://bot/set?okx_secret={secret}&okx_key={key}'\n"),
    "a secret in the slot of the key": (".env", "OKX_API_KEY={secret}\n"),
    "a key in the slot of the passphrase": (".env", "OKX_PASSPHRASE={key}\n"),
    "Postman": ("okx.json", '{"key": "secretKey", "value": "{secret}", "enabled": true}\n'),
    "GitHub's command": (
        "run.sh",
        "gh secret set OKX_SECRET_KEY --body {secret}\ngh secret set OKX_PASSPHRASE -b '{passphrase}'\n",
    ),
    "an HTTP client's variable": ("api.http", "@okx_secret = {secret}\n"),
    "netrc": (".netrc", "machine www.okx.com login {key} password {secret}\n"),
    "a key and a secret by a colon": ("run.sh", "export OKX_ACCOUNT={key}:{secret}:{passphrase}\n"),
    "a key and a secret in a URL": ("a.py", "url = 'https://{key}:{secret}@www.okx.com'\n"),
    "names of one account's own": (
        "bot.py",
        "alice_api_key = '{key}'\nalice_secret_key = '{secret}'\nalice_passphrase = '{passphrase}'\n",
    ),
}
"""Other spellings, to a file's name and its text; every value that stands in it is to be found."""

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
    "names of something else behind OKX's": (
        "bot.py",
        "okx_secret_hash = '{secret}'\nOKX_KEY_ID = '{key}'\nokx_order_key = '{key}'\nokx_passphrase_hint = '{passphrase}'\nokx_secret_path = '{secret}'\n",
    ),
    "another key behind an expression": ("bot.js", "config = {okxSecret: load(), etag: '{secret}', id: '{key}'}\n"),
    "a message behind an or": (
        "bot.js",
        "const p = process.env.OKX_PASSPHRASE || 'set OKX_PASSPHRASE, 8 to 32 characters!'\n",
    ),
    "a question": ("bot.py", "OKX_PASSPHRASE = input('Enter OKX passphrase 1: ')\n"),
    "a shell's message": ("run.sh", ": ${OKX_PASSPHRASE:?Set-OKX_PASSPHRASE-1st} ${OKX_SECRET_KEY:+{secret}}\n"),
    "a table of other things": ("okx.csv", "order,key,hash\n1,{key},{secret}\n"),
    "an exchange of books": ("a.py", "bookExchangeKey = '{key}'\nBOOKEXCHANGE_SECRET = '{secret}'\n"),
    "names of two accounts": (
        "a.py",
        "alice_api_key = '{key}'\nstripe_secret_key = '{secret}'\nsmtp_passphrase = '{passphrase}'\n",
    ),
    "sentences with digits": (
        "bot.py",
        "okx_passphrase = 'Your API passphrase 7'\nOKX_PASSPHRASE = \"Passphrase v7 Here\"\n"
        "OKX_PASSPHRASE = 'Set 1 for OKX, Please'\nokx_passphrase = 'a pass 7 times'\n",
    ),
    "sections of something else": (
        "a.ini",
        "[okx]\nsite = eea\n[smtp]\npassword = {passphrase}\n[okx.smtp]\npassword = {passphrase}\n"
        "[books]\npassphrase = {passphrase}\n[okx]\ndb_password = {passphrase}\npassphrase_hint = {passphrase}\n",
    ),
    "keys of something else": (
        "a.yaml",
        "okx:\n  site: eea\n  smtp:\n    password: {passphrase}\nother:\n  password: {passphrase}\npassword: {passphrase}\n",
    ),
    "lists of lists": ("a.py", "okx_secret = [['{secret.first}'], [1]]\nokx_passphrase = [[passphrase_1, Abc]]\n"),
    "base64 of something else": (
        "a.b64",
        "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0\n",
    ),
    "a description": ("variables.tf", 'variable "okx_passphrase" {\n  description = "Passphrase-1 of OKX"\n}\n'),
}
"""What must stay silent."""
