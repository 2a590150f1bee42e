import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigError, loadConfig } from "../src/config.ts";

const TOKEN = "v1.0-recognisable-token-never-shown";
const COMPLETE = { CLOUDFLARE_API_TOKEN: TOKEN, CLOUDFLARE_ACCOUNT_ID: "023E105F4ECEF8AD9CA31A8372D0C353" };

function problemsOf(env: Record<string, string>, needsApi = true): string {
  try {
    loadConfig({ env, cwd: null, needsApi });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error("expected the settings to be refused");
}

describe("settings", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bulkpatch-config-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("have defaults that keep inside Cloudflare's documented limit", () => {
    const config = loadConfig({ env: COMPLETE, cwd: null, needsApi: true });
    expect(config).toMatchObject({
      api: { accountId: "023e105f4ecef8ad9ca31a8372d0c353", baseUrl: "https://api.cloudflare.com/client/v4" },
      backendUrl: null,
      rate: { limit: 1140, windowMs: 300_000 },
      pace: "fast",
      concurrency: 8,
      logLevel: "info",
      keepDays: 90,
    });
    expect(config.api!.token.reveal()).toBe(TOKEN);
  });

  it("come from flags before the environment before .env", () => {
    writeFileSync(join(folder, ".env"), "BULKPATCH_RATE=100/1m\nBULKPATCH_CONCURRENCY=3\nBULKPATCH_LOG_LEVEL=debug\n");
    const env = { ...COMPLETE, BULKPATCH_RATE: "200/1m", BULKPATCH_CONCURRENCY: "4" };
    const config = loadConfig({ env, flags: { BULKPATCH_RATE: "300/1m" }, cwd: folder, needsApi: true });
    expect(config.rate.limit).toBe(300);
    expect(config.concurrency).toBe(4);
    expect(config.logLevel).toBe("debug");
  });

  it("that are empty count as not set", () => {
    expect(loadConfig({ env: { ...COMPLETE, BULKPATCH_RATE: " " }, cwd: null, needsApi: true }).rate.limit).toBe(1140);
  });

  it("are all reported at once, each with its name, what was found and an example", () => {
    const env = {
      CLOUDFLARE_ACCOUNT_ID: "my account",
      CLOUDFLARE_BASE_URL: "http://api.cloudflare.com",
      BULKPATCH_BACKEND_URL: "mysql://root:secret@db",
      BULKPATCH_RATE: "fast",
      BULKPATCH_CONCURRENCY: "1000",
      BULKPATCH_LOG_LEVEL: "loud",
      BULKPATCH_KEEP_DAYS: "0",
    };
    expect(problemsOf(env)).toMatchInlineSnapshot(`
      "8 settings are missing or wrong:
        CLOUDFLARE_API_TOKEN is not set, e.g. CLOUDFLARE_API_TOKEN=<API token with Cloud Email Security: Write>
        CLOUDFLARE_ACCOUNT_ID: expected 32 hexadecimal digits, found "my account", e.g. CLOUDFLARE_ACCOUNT_ID=0123456789abcdef0123456789abcdef
        CLOUDFLARE_BASE_URL: expected an https address (http only on this machine), found "http://api.cloudflare.com", e.g. CLOUDFLARE_BASE_URL=https://api.cloudflare.com/client/v4
        BULKPATCH_BACKEND_URL: expected embedded, redis://…, rediss://… or postgres://…, e.g. BULKPATCH_BACKEND_URL=redis://localhost:6379
        BULKPATCH_RATE: expected requests per window, such as 1140/5m or 200/5s, or the word unlimited, found "fast", e.g. BULKPATCH_RATE=1140/5m
        BULKPATCH_CONCURRENCY: expected 256 or less, found "1000", e.g. BULKPATCH_CONCURRENCY=8
        BULKPATCH_LOG_LEVEL: expected one of silent, error, warn, info, debug, found "loud", e.g. BULKPATCH_LOG_LEVEL=info
        BULKPATCH_KEEP_DAYS: expected 1 or more, found "0", e.g. BULKPATCH_KEEP_DAYS=90"
    `);
  });

  it("are pointed out where a name is none of ours, with the likeliest", () => {
    const env = {
      ...COMPLETE,
      BULKPATCH_CONCURENCY: "4",
      BULKPATCH_FOO: "1",
      CLOUDFLARE_API_TOKN: "secret-token",
      CF_ACCOUNT_ID: "x",
      CLOUDFLARE_ZONE_TAG_FOR_ANOTHER_TOOL: "x",
      CLOUDFLARE_API_KEY: "x",
    };
    expect(loadConfig({ env, cwd: null, needsApi: true }).warnings).toEqual([
      "BULKPATCH_CONCURENCY in the environment is no setting: did you mean BULKPATCH_CONCURRENCY?",
      "BULKPATCH_FOO in the environment is no setting",
      "CLOUDFLARE_API_TOKN in the environment is no setting: did you mean CLOUDFLARE_API_TOKEN?",
      "CF_ACCOUNT_ID in the environment is no setting: did you mean CLOUDFLARE_ACCOUNT_ID?",
    ]);
  });

  it("explain what is wrong with a token that has Bearer before it, and don't show it", () => {
    const text = problemsOf({ ...COMPLETE, CLOUDFLARE_API_TOKEN: "Bearer abcdef123456" });
    expect(text).toContain('CLOUDFLARE_API_TOKEN: expected the token alone: leave out "Bearer"');
    expect(text).not.toContain("abcdef");
  });

  it("need no token for commands that do not talk to Cloudflare, but a wrong one is still pointed out", () => {
    expect(loadConfig({ env: {}, cwd: null, needsApi: false }).api).toBeNull();
    expect(problemsOf({ CLOUDFLARE_API_TOKEN: "short" }, false)).toContain(
      "CLOUDFLARE_API_TOKEN: expected an API token",
    );
  });

  it("never show the token or a backend's password", () => {
    const config = loadConfig({ env: COMPLETE, cwd: null, needsApi: true });
    for (const shown of [inspect(config, { depth: 9 }), JSON.stringify(config), String(config.api!.token)]) {
      expect(shown).not.toContain(TOKEN);
    }
    expect(
      problemsOf({ CLOUDFLARE_API_TOKEN: "bad token with spaces", BULKPATCH_BACKEND_URL: "ftp://u:geheim@h" }),
    ).not.toMatch(/bad token|geheim/);
  });

  it("take a webhook secret, or several while it is being changed, and show none", () => {
    const secrets = [24, 64].map((bytes) => Buffer.alloc(bytes, 7).toString("base64"));
    const text = secrets.map((one) => `whsec_${one}`).join(" ");
    const config = loadConfig({ env: { BULKPATCH_WEBHOOK_SECRET: text }, cwd: null, needsApi: false });
    expect(config.webhookSecrets.map((secret) => secret.reveal())).toEqual(secrets);
    expect(inspect(config, { depth: 9 })).not.toContain(secrets[0]);
    for (const wrong of ["geheim", `whsec_${Buffer.alloc(23).toString("base64")}`, secrets[0]!, `${text} whsec_!`]) {
      const problem = problemsOf({ BULKPATCH_WEBHOOK_SECRET: wrong }, false);
      expect(problem).toContain("BULKPATCH_WEBHOOK_SECRET: expected whsec_");
      expect(problem).not.toContain(wrong);
    }
  });

  it("take http only on this machine", () => {
    for (const url of ["http://127.0.0.1:8080/client/v4/", "http://localhost:1", "http://[::1]:1"]) {
      expect(
        loadConfig({ env: { ...COMPLETE, CLOUDFLARE_BASE_URL: url }, cwd: null, needsApi: true }).api!.baseUrl,
      ).toBe(url.replace(/\/$/, ""));
    }
    expect(problemsOf({ ...COMPLETE, CLOUDFLARE_BASE_URL: "http://127.0.0.1.evil.example" })).toContain(
      "CLOUDFLARE_BASE_URL",
    );
    expect(problemsOf({ ...COMPLETE, CLOUDFLARE_BASE_URL: "https://user:pass@api.cloudflare.com" })).toContain(
      "CLOUDFLARE_BASE_URL",
    );
  });
});
