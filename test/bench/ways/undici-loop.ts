import { Pool } from "undici";
import { forEachUpdate, type Updates } from "./updates.ts";

/** As fast as this machine can: no record, no retry, and no look at the answers. */
export async function undiciLoop(updates: Updates): Promise<void> {
  const sender = openSender(updates);
  await forEachUpdate(updates, (id, n) => sender.patch(id, updates.commentOf(n)));
  await sender.close();
}

export interface Sender {
  patch(id: string, comments: string): Promise<void>;
  close(): Promise<void>;
}

export function openSender({ api, concurrency }: Pick<Updates, "api" | "concurrency">): Sender {
  const { origin, pathname } = new URL(api.baseUrl);
  const pool = new Pool(origin, { connections: concurrency });
  const path = `${pathname}/accounts/${api.accountId}/email-security/settings/impersonation_registry`;
  return {
    patch: async (id, comments) => {
      const { body } = await pool.request({
        method: "PATCH",
        path: `${path}/${id}`,
        headers: { authorization: `Bearer ${api.token}`, "content-type": "application/json" },
        body: JSON.stringify({ comments }),
      });
      await body.json();
    },
    close: () => pool.close(),
  };
}
