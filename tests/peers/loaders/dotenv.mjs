// Reads a JSON array of base64 texts from stdin, prints an array of what the npm package dotenv makes of each.
import { readFileSync } from "node:fs";
import { parse } from "dotenv";

const texts = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(texts.map((text) => parse(Buffer.from(text, "base64")))));
