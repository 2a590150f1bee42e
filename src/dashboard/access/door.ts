import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Leases } from "../../runs/leases.ts";
import type { Secret } from "../../secret.ts";
import { makeSession, readSession, SESSION_MS } from "./session.ts";
import type { Role, Visitor } from "./visitor.ts";

export interface DoorOptions {
  tokens: Record<Role, Secret | null>;
  /** Where sessions that were ended are kept in mind, for all processes. */
  leases: Leases;
  /** Reached under https: the cookie is sent nowhere else. */
  secure: boolean;
  now: () => number;
}

/** Knows who is let in: by the token itself, or by the session that it opened. */
export class Door {
  readonly #options: DoorOptions;
  readonly #cookie: string;
  #code: string | null = null;

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#cookie = options.secure ? "__Host-bulkpatch" : "bulkpatch";
  }

  /** Who makes this request; null when nobody knows them. */
  async visitorOf(request: FastifyRequest): Promise<Visitor | null> {
    const bearer = bearerOf(request);
    const found = bearer === null ? await this.#sessionOf(request) : { role: this.#roleOf(bearer), id: null };
    if (found === null || found.role === null) return null;
    return { role: found.role, by: `${found.role}@${request.ip}`, session: found.id };
  }

  /** Opens a session for whoever has the token. False for a wrong one. */
  logIn(token: string, reply: FastifyReply): boolean {
    const role = this.#roleOf(token);
    if (role === null) return false;
    this.#open(role, reply);
    return true;
  }

  /** A code that opens one session as the operator, once. A later code replaces it. */
  makeCode(): string {
    this.#code = randomBytes(24).toString("base64url");
    return this.#code;
  }

  /** Opens the session that a code stands for. False for a wrong code, and for one that was used. */
  redeem(code: string, reply: FastifyReply): boolean {
    if (this.#code === null || !isSame(code, this.#code)) return false;
    this.#code = null;
    this.#open("operator", reply);
    return true;
  }

  /** Ends this visitor's session for every process. */
  async logOut(visitor: Visitor | null, reply: FastifyReply): Promise<void> {
    if (visitor?.session) await this.#options.leases.take(endedName(visitor.session), "logout", SESSION_MS);
    void reply.clearCookie(this.#cookie, { path: "/" });
  }

  #open(role: Role, reply: FastifyReply): void {
    const { tokens, secure, now } = this.#options;
    void reply.setCookie(this.#cookie, makeSession(role, tokens[role]!, now()), {
      path: "/",
      httpOnly: true,
      sameSite: "strict",
      secure,
      maxAge: SESSION_MS / 1_000,
    });
  }

  async #sessionOf(request: FastifyRequest): Promise<{ role: Role; id: string } | null> {
    const text = request.cookies[this.#cookie];
    const session = text === undefined ? null : readSession(text, this.#options.tokens, this.#options.now());
    if (session === null) return null;
    return (await this.#options.leases.owner(endedName(session.id))) === null ? session : null;
  }

  #roleOf(token: string): Role | null {
    const { operator, viewer } = this.#options.tokens;
    if (operator && isSame(token, operator.reveal())) return "operator";
    return viewer && isSame(token, viewer.reveal()) ? "viewer" : null;
  }
}

/** The token that a request brings itself; null where it brings none. */
export function bearerOf(request: FastifyRequest): string | null {
  return /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? null;
}

/** Takes as long whatever differs. */
function isSame(a: string, b: string): boolean {
  return timingSafeEqual(digestOf(a), digestOf(b));
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function endedName(session: string): string {
  return `session-ended:${session}`;
}
