import { afterEach, describe, expect, it } from "vitest";
import { Webhook } from "standardwebhooks";
import { deliver, type DeliverOptions } from "../../../src/schedules/notify/deliver.ts";
import type { Message } from "../../../src/schedules/notify/notification-home.ts";
import { maskAddress, receiverOf } from "../../../src/schedules/notify/notify-address.ts";
import { Secret } from "../../../src/secret.ts";
import { type Receiver, startReceiver } from "./receiver.ts";

const KEYS = [24, 64].map((bytes) => Buffer.alloc(bytes, bytes).toString("base64"));
const SECRETS = KEYS.map((key) => new Secret(key));

let open: Receiver[] = [];
afterEach(async () => {
  for (const one of open) await one.close();
  open = [];
});
async function receiver(...args: Parameters<typeof startReceiver>): Promise<Receiver> {
  const one = await startReceiver(...args);
  open.push(one);
  return one;
}

const NOTICE: Message["what"] = {
  kind: "notice",
  notice: {
    kind: "held",
    about: "schedule",
    title: "nightly is held: 412 entries would change",
    details: ["expected at most 200", "<!channel> & [a](https://evil.example)"],
    data: { digest: "abc" },
    at: Date.UTC(2026, 10, 24),
  },
};
const job = (to: string, more: Partial<Message> = {}): Message => ({
  id: "msg_1",
  to,
  allowPrivateAddress: true,
  what: NOTICE,
  ...more,
});
const options = (more: Partial<DeliverOptions> = {}): DeliverOptions => ({ secrets: SECRETS, now: Date.now, ...more });

describe("a message to a webhook", () => {
  it("is signed so that Standard Webhooks' own package takes it, with the old key and the new one", async () => {
    const { url, received } = await receiver();
    expect(await deliver(job(url), options())).toEqual({ kind: "accepted", status: 204 });
    const [message] = received;
    for (const key of KEYS) {
      expect(new Webhook(`whsec_${key}`).verify(message!.body, message!.headers as Record<string, string>)).toEqual({
        type: "schedule.held",
        timestamp: "2026-11-24T00:00:00.000Z",
        data: {
          title: "nightly is held: 412 entries would change",
          details: ["expected at most 200", "<!channel> & [a](https://evil.example)"],
          digest: "abc",
        },
      });
    }
    const other = new Webhook(`whsec_${Buffer.alloc(24, 9).toString("base64")}`);
    expect(() => other.verify(message!.body, message!.headers as Record<string, string>)).toThrow(/signature/);
    expect(message!.headers["webhook-id"]).toBe("msg_1");
  });

  it("goes without a signature where there is no key", async () => {
    const { url, received } = await receiver();
    await deliver(job(url), options({ secrets: [] }));
    expect(received[0]!.headers).not.toHaveProperty("webhook-signature");
  });

  it.each<[number, string]>([
    [500, "it answered 500"],
    [302, "it answered 302, a redirect, which is not followed"],
    [404, "it answered 404"],
  ])("that is answered %s may be sent again", async (status, because) => {
    const { url, received } = await receiver(() => status);
    expect(await deliver(job(url), options())).toEqual({ kind: "failed", because });
    expect(received).toHaveLength(1);
  });

  it("that is answered 410 is not sent again", async () => {
    const { url } = await receiver(() => 410);
    expect(await deliver(job(url), options())).toEqual({ kind: "gone" });
  });

  it("that is not answered ends in time", async () => {
    const { url } = await receiver(() => null);
    expect(await deliver(job(url), options({ timeOutMs: 50 }))).toEqual({
      kind: "failed",
      because: "it did not answer in time",
    });
  });

  it("whose answer never ends is heard out no longer", async () => {
    const { url } = await receiver((_, response) => {
      response.writeHead(200).write("x");
      return null;
    });
    // long enough for the status to come, also where the machine is busy
    expect(await deliver(job(url), options({ timeOutMs: 3_000 }))).toEqual({ kind: "accepted", status: 200 });
  });
});

describe("an address", () => {
  it.each([
    ["http://127.0.0.1:9/hook/secret", "https"],
    ["https://127.0.0.1:9/hook/secret", "private"],
    ["https://[::1]:9/hook/secret", "private"],
    ["https://169.254.169.254/hook/secret", "private"],
    ["https://localhost:9/hook/secret", "private"],
    ["https://user:secret@hooks.example/", "user and password"],
    ["nonsense", "not valid"],
  ])("is refused: %s", async (url, why) => {
    const delivery = await deliver(job(url, { allowPrivateAddress: false }), options());
    expect(delivery).toMatchObject({ kind: "refused", because: expect.stringContaining(why) });
    expect(JSON.stringify(delivery)).not.toContain("secret");
  });

  it("is shown without what may be a secret", () => {
    expect(maskAddress("https://hooks.slack.com/services/T0/B0/xyz")).toBe("https://hooks.slack.com/…");
    expect(maskAddress("https://x.example/?sig=abc")).toBe("https://x.example/…");
    expect(maskAddress("https://x.example:8443")).toBe("https://x.example:8443");
    expect(maskAddress("https://user:pass@x.example/")).not.toContain("pass");
    expect(maskAddress("env:SLACK_URL")).toBe("env:SLACK_URL");
    expect(maskAddress("env:https://x.example/geheim")).not.toContain("geheim");
  });

  it("tells who reads there", () => {
    expect(receiverOf("https://hooks.slack.com/services/a")).toBe("slack");
    expect(receiverOf("https://prod-1.westeurope.logic.azure.com:443/workflows/a?sig=b")).toBe("teams");
    expect(receiverOf("https://abc.environment.api.powerplatform.com/powerautomate?sig=b")).toBe("teams");
    expect(receiverOf("https://logic.azure.com.evil.example/")).toBe("webhook");
  });
});

describe("a heartbeat", () => {
  it("is said in healthchecks.io's form", async () => {
    const { url, received } = await receiver();
    for (const step of ["start", "success", "fail"] as const) {
      await deliver(
        job(`${url}/?create=1`, { what: { kind: "heartbeat", step, text: `nightly: ${step}` } }),
        options(),
      );
    }
    expect(received.map(({ method, path, body }) => [method, path, body])).toEqual([
      ["POST", "/hook/secret-path/start?create=1", "nightly: start"],
      ["POST", "/hook/secret-path/?create=1", "nightly: success"],
      ["POST", "/hook/secret-path/fail?create=1", "nightly: fail"],
    ]);
  });
});
