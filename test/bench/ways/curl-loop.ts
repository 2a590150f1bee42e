import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Updates } from "./updates.ts";

export function hasCurl(): boolean {
  try {
    execFileSync("curl", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** One curl after the other in a shell's loop, whatever the answers are. */
export async function curlLoop({ api, ids, commentOf }: Updates): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "curl-"));
  const list = ids.map((id, n) => `${id} ${JSON.stringify({ comments: commentOf(n) })}\n`).join("");
  await writeFile(join(folder, "changes"), list);
  const address = `${api.baseUrl}/accounts/${api.accountId}/email-security/settings/impersonation_registry`;
  const script = `while read -r id body; do
    curl -s -o /dev/null -X PATCH "${address}/$id" -H "authorization: Bearer ${api.token}" \\
      -H "content-type: application/json" -d "$body"
  done < changes`;
  await promisify(execFile)("sh", ["-c", script], { cwd: folder });
}
