import { request } from "undici";
import { assertAllowedHost, makeGuardedDispatcher } from "../../changes/guarded-dispatcher.ts";
import { isPublicAddress, PrivateAddressError } from "../../changes/public-address.ts";
import type { ProxySettings } from "../../proxy.ts";
import type { Secret } from "../../secret.ts";
import { VERSION } from "../../version.ts";
import { renderMessage } from "./message.ts";
import type { Message } from "./notification-home.ts";
import { assertNotifyAddress, receiverOf } from "./notify-address.ts";
import { signatureHeaders } from "./signature.ts";

const TIME_OUT_MS = 20_000;

/** What came of one attempt. */
export type Delivery =
  | { kind: "accepted"; status: number }
  /** 410: the receiver wants no more, ever. */
  | { kind: "gone" }
  /** It never works as it is. */
  | { kind: "refused"; because: string }
  /** It may work later. */
  | { kind: "failed"; because: string };

export interface DeliverOptions {
  /** Messages to plain webhooks are signed with each of these. */
  secrets: readonly Secret[];
  now: () => number;
  /** Certificate authorities (PEM) to trust instead of the system's. */
  ca?: string;
  timeOutMs?: number;
  /** Default: none. */
  proxy?: ProxySettings;
}

/**
 * Sends one notification once. The address must be https and public, unless the job says otherwise; redirects are not followed.
 * Never throws; what it says of a failure shows no address.
 */
export async function deliver(job: Message, options: DeliverOptions): Promise<Delivery> {
  const { secrets, now, ca, proxy, timeOutMs = TIME_OUT_MS } = options;
  const isAllowed = job.allowPrivateAddress ? () => true : isPublicAddress;
  const agent = makeGuardedDispatcher({ isAllowed, proxy }, { ca, idleMs: timeOutMs });
  try {
    assertNotifyAddress(job.to, job.allowPrivateAddress);
    const { url, headers, body } = envelope(job, secrets, now());
    await assertAllowedHost(url, { isAllowed, proxy });
    const signal = AbortSignal.timeout(timeOutMs);
    const answer = await request(url, {
      method: "POST",
      dispatcher: agent,
      signal,
      headers: { ...headers, "user-agent": `bulkpatch/${VERSION}` },
      body,
    });
    await answer.body.dump({ limit: 64 * 1024, signal }).catch(() => undefined);
    return judge(answer.statusCode);
  } catch (error) {
    return explain(error);
  } finally {
    await agent.destroy();
  }
}

function envelope(
  { id, to, what }: Message,
  secrets: readonly Secret[],
  at: number,
): { url: URL; headers: Record<string, string>; body: string } {
  const url = new URL(to);
  if (what.kind === "heartbeat") {
    // healthchecks.io's form: the address itself says success
    if (what.step !== "success") url.pathname = `${url.pathname.replace(/\/$/, "")}/${what.step}`;
    return { url, headers: { "content-type": "text/plain; charset=utf-8" }, body: what.text };
  }
  const receiver = receiverOf(to);
  const body = renderMessage(what.notice, receiver);
  const signature = receiver === "webhook" ? signatureHeaders({ id, at, body }, secrets) : {};
  return { url, headers: { "content-type": "application/json", ...signature }, body };
}

function judge(status: number): Delivery {
  if (status >= 200 && status < 300) return { kind: "accepted", status };
  if (status === 410) return { kind: "gone" };
  if (status >= 300 && status < 400)
    return { kind: "failed", because: `it answered ${status}, a redirect, which is not followed` };
  return { kind: "failed", because: `it answered ${status}` };
}

function explain(error: unknown): Delivery {
  const { code, name, cause, message } = error as NodeJS.ErrnoException;
  const found = [error, cause].find((one) => one instanceof PrivateAddressError);
  if (found) {
    return {
      kind: "refused",
      because: `${found.message}; if that is meant, allow it with --allow-private-address`,
    };
  }
  if (code === "notify_address") return { kind: "refused", because: message };
  if (name === "TimeoutError") return { kind: "failed", because: "it did not answer in time" };
  return { kind: "failed", because: code ?? (cause as NodeJS.ErrnoException | undefined)?.code ?? name };
}
