// Reads an AsyncAPI document on its standard input and fails with what the specification's own parser finds wrong.
import { Parser } from "@asyncapi/parser";
import { readFileSync } from "node:fs";

const { document, diagnostics } = await new Parser().parse(readFileSync(0, "utf-8"));
const wrong = diagnostics.filter(({ severity }) => severity <= 1);
for (const { code, message, path } of wrong) console.error(`${path.join(".")}: ${message} (${code})`);
if (!document || wrong.length) process.exit(1);
console.log(`AsyncAPI ${document.version()}: ${document.allMessages().length} messages, ${document.allOperations().length} operations`);
