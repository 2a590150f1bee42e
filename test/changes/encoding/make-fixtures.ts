/** Writes fixtures/*.csv again, which are in the repository: `node test/changes/encoding/make-fixtures.ts`, where iconv is installed. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LISTS, listText } from "./names.ts";

const folder = join(import.meta.dirname, "fixtures");
mkdirSync(folder, { recursive: true });
for (const { encoding, iconv, names } of LISTS) {
  const bytes = execFileSync("iconv", ["-f", "utf-8", "-t", iconv ?? encoding], { input: listText(names) });
  writeFileSync(join(folder, `${encoding}.csv`), bytes);
}
