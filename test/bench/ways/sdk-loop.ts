import Cloudflare from "cloudflare";
import { forEachUpdate, type Updates } from "./updates.ts";

/** The official SDK in a loop: it tries a 429 or a 5xx again twice, and keeps no record. Answers how many it gave up. */
export async function sdkLoop(updates: Updates): Promise<number> {
  const { token, baseUrl, accountId } = updates.api;
  const client = new Cloudflare({ apiToken: token, baseURL: baseUrl });
  let lost = 0;
  await forEachUpdate(updates, async (id, n) => {
    try {
      const comments = updates.commentOf(n);
      await client.emailSecurity.settings.impersonationRegistry.edit(id, { account_id: accountId, comments });
    } catch {
      lost += 1;
    }
  });
  return lost;
}
