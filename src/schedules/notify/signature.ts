import { createHmac } from "node:crypto";
import type { Secret } from "../../secret.ts";

export interface SignedMessage {
  id: string;
  /** Epoch milliseconds of this attempt. */
  at: number;
  body: string;
}

/**
 * The headers by which a receiver knows who sent a message and when; without the signature where there is no key, with several
 * where there are several: they are being changed. Source: Standard Webhooks 1.0, "Signature scheme".
 * @param keys base64, without `whsec_`
 */
export function signatureHeaders({ id, at, body }: SignedMessage, keys: readonly Secret[]): Record<string, string> {
  const timestamp = String(Math.floor(at / 1_000));
  const signatures = keys.map((key) => {
    const mac = createHmac("sha256", Buffer.from(key.reveal(), "base64")).update(`${id}.${timestamp}.${body}`);
    return `v1,${mac.digest("base64")}`;
  });
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    ...(signatures.length > 0 && { "webhook-signature": signatures.join(" ") }),
  };
}
