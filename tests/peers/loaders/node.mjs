// Reads a JSON array of base64 texts from stdin, prints an array of what Node's own parser makes of each.
import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";

const texts = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(texts.map((text) => parseEnv(Buffer.from(text, "base64").toString("utf8")))));
