import { createHmac, hkdfSync, randomUUID, timingSafeEqual } from "node:crypto";
import type { Secret } from "../../secret.ts";
import type { Role } from "./visitor.ts";

/*
 * A session is a signed text in a cookie, so that every `serve` process of an installation knows it. It is signed with a key
 * made from the token that opened it: with another token in the settings it is worth nothing.
 */

const HOUR = 3_600_000;
/** How long a login lasts. */
export const SESSION_MS = 12 * HOUR;

export interface Session {
  id: string;
  role: Role;
  /** Epoch milliseconds. */
  endsAt: number;
}

/** The text of a new session. */
export function makeSession(role: Role, token: Secret, now: number): string {
  const payload = [role, String(now + SESSION_MS), randomUUID()].join(".");
  return `${payload}.${sign(payload, token)}`;
}

/** The session that a text stands for; null when it ran out, or was not signed with its role's token of today. */
export function readSession(text: string, tokens: Record<Role, Secret | null>, now: number): Session | null {
  const [, payload, role, endsAt, id, signature] =
    /^((viewer|operator)\.(\d{1,16})\.([0-9a-f-]{36}))\.([\w-]{43})$/.exec(text) ?? [];
  const token = tokens[role as Role];
  if (payload === undefined || !token) return null;
  if (!timingSafeEqual(Buffer.from(sign(payload, token)), Buffer.from(signature!))) return null;
  return Number(endsAt) > now ? { id: id!, role: role as Role, endsAt: Number(endsAt) } : null;
}

function sign(payload: string, token: Secret): string {
  const key = Buffer.from(hkdfSync("sha256", token.reveal(), "", "bulkpatch session", 32));
  return createHmac("sha256", key).update(payload).digest("base64url");
}
