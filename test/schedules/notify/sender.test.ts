import { afterEach, describe, expect, it } from "vitest";
import { Webhook } from "standardwebhooks";
import type { Backend } from "../../../src/backends/backend.ts";
import type { Notice } from "../../../src/schedules/notify/notice.ts";
import { createNotifier, type Receivers } from "../../../src/schedules/notify/notifier.ts";
import {
  RETRY_DELAYS,
  sendWaiting,
  type SenderOptions,
  startSender,
  switchOn,
} from "../../../src/schedules/notify/sender.ts";
import { Secret } from "../../../src/secret.ts";
import { BACKENDS } from "../../e2e/backend-for-test.ts";
import { addressForTest, openAt, openForTest } from "../../runs/address-for-test.ts";
import { makeRun } from "../../report/sample-run.ts";
import { until } from "../../until.ts";
import { startReceiver } from "./receiver.ts";

const KEY = Buffer.alloc(32, 1).toString("base64");
const NOTICE: Notice = {
  kind: "done",
  about: "run",
  title: "2026-11-24-brave-otter is finished",
  details: [],
  data: {},
  at: 0,
};

let undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const one of undo.toReversed()) await one();
  undo = [];
});

function send(home: Backend, errors: string[], more: Partial<SenderOptions> = {}): { close(): Promise<void> } {
  const sender = startSender({
    home,
    secrets: [new Secret(KEY)],
    environment: () => undefined,
    onError: ({ message }) => errors.push(message),
    delays: [1, 1, 1],
    ...more,
  });
  undo.push(() => sender.close());
  return sender;
}

async function tell(home: Backend, to: Receivers, notices: Notice[] = [NOTICE]): Promise<void> {
  const errors: Error[] = [];
  const notifier = createNotifier({ home, onError: (error) => errors.push(error) });
  for (const notice of notices) await notifier.notify(notice, to);
  await notifier.close();
  expect(errors).toEqual([]);
}

async function waitingIn(home: Backend): Promise<number> {
  const queue = home.notifications();
  try {
    return await queue.getJobCountByTypes("waiting", "active", "delayed");
  } finally {
    await queue.close();
  }
}

describe.each(BACKENDS)("notifications on %s", (kind) => {
  it("reach a receiver that was down, also after a restart, each once and signed", async (context) => {
    const address = await addressForTest(kind, context);
    const receiver = await startReceiver((nth) => (nth === 1 ? 503 : 204));
    undo.push(() => receiver.close());
    const to = { addresses: [receiver.url], heartbeat: null, allowPrivateAddress: true };
    const errors: string[] = [];

    const before = await openAt(kind, address);
    await tell(before, to);
    const first = send(before, errors);
    await receiver.until(1);
    await until("it waits for its next attempt", async () => errors.length > 0);
    await first.close();
    await before.close();

    const after = await openAt(kind, address);
    undo.push(() => after.close());
    send(after, errors);
    const [failed, accepted] = await receiver.until(2);
    await until("nothing waits", async () => (await waitingIn(after)) === 0);
    expect(accepted!.headers["webhook-id"]).toBe(failed!.headers["webhook-id"]);
    new Webhook(`whsec_${KEY}`).verify(accepted!.body, accepted!.headers as Record<string, string>);
    expect(receiver.received).toHaveLength(2);
    expect(errors).toEqual([
      `the notification "2026-11-24-brave-otter is finished" to ${new URL(receiver.url).origin}/… was not accepted: it answered 503; it is tried 9 more times`,
    ]);
  });

  it("stop at 410, until a test is accepted", async (context) => {
    const home = await openForTest(kind, context);
    undo.push(() => home.close());
    const receiver = await startReceiver((nth) => (nth === 1 ? 410 : 204));
    undo.push(() => receiver.close());
    const to = { addresses: [receiver.url], heartbeat: null, allowPrivateAddress: true };
    const errors: string[] = [];
    send(home, errors);
    await tell(home, to);
    await until("it was switched off", async () => errors.length > 0);
    await tell(home, to, [NOTICE, NOTICE]);
    await until("nothing waits", async () => (await waitingIn(home)) === 0);
    expect(receiver.received).toHaveLength(1);
    expect(errors.join()).not.toContain("secret-path");
    await switchOn(home.leases, receiver.url);
    await tell(home, to);
    await receiver.until(2);
  });
});

describe.each(BACKENDS)("an address that a variable holds, on %s,", (kind) => {
  it("is read where it is sent; without it the notification waits, and 410 is of what it holds then", async (context) => {
    const home = await openForTest(kind, context);
    undo.push(() => home.close());
    const gone = await startReceiver(() => 410);
    undo.push(() => gone.close());
    const receiver = await startReceiver();
    undo.push(() => receiver.close());
    // Unset at the first attempt.
    const variables: Record<string, (string | undefined)[]> = { HOOK: [undefined, gone.url, receiver.url] };
    const errors: string[] = [];
    send(home, errors, { environment: (name) => variables[name]?.shift() });
    const to = { addresses: ["env:HOOK"], heartbeat: null, allowPrivateAddress: true };
    await tell(home, to);
    await until("it is switched off", () => errors.some((error) => error.includes("answered 410")));
    expect(errors[0]).toBe(
      'the notification "2026-11-24-brave-otter is finished" to env:HOOK was not accepted: this environment variable is not set here; it is tried 9 more times',
    );
    await tell(home, to);
    await receiver.until(1);
    expect(errors.join()).not.toContain("secret-path");
  });
});

describe.each(BACKENDS)("the end of a run that nobody stays with, on %s,", (kind) => {
  it("is told by whoever sends, and so is each rest before it, once", async (context) => {
    const address = await addressForTest(kind, context);
    const receiver = await startReceiver((nth) => (nth === 1 ? 503 : 204));
    undo.push(() => receiver.close());
    let run = makeRun([], { state: "running" });
    let looks = 0;
    const withRun = (home: Backend): Backend => ({
      ...home,
      runs: Object.assign(Object.create(home.runs) as Backend["runs"], {
        get: async () => {
          looks += 1;
          return run;
        },
      }),
    });
    const seen = async (): Promise<void> => {
      const before = looks;
      await until("it was looked at again", () => looks > before + 1);
    };
    const to = { addresses: [receiver.url], heartbeat: null, allowPrivateAddress: true };
    const on = { kinds: ["failed", "done"], rejectedPercent: 0, failAfter: 1 } as const;
    const errors: string[] = [];

    const before = withRun(await openAt(kind, address));
    const notifier = createNotifier({ home: before, onError: ({ message }) => errors.push(message) });
    expect(await notifier.hurry(run.id)).toBe(false);
    await notifier.tellEndOf(run.id, { ...to, on });
    expect(await notifier.hurry(run.id)).toBe(true);
    await notifier.close();
    const first = send(before, errors, { lookAtRunEveryMs: 5 });
    await seen();
    expect(receiver.received).toEqual([]);
    run = { ...run, state: "paused" };
    await receiver.until(2);
    await seen();
    await first.close();
    await before.close();

    const after = withRun(await openAt(kind, address));
    undo.push(() => after.close());
    send(after, errors, { lookAtRunEveryMs: 5 });
    await seen();
    run = { ...run, state: "running" };
    await seen();
    run = { ...run, state: "finished" };
    await receiver.until(3);
    await until("nothing waits", async () => (await waitingIn(after)) === 0);
    const told = receiver.received.map(({ body }) => JSON.parse(body) as { type: string; data: { run: object } });
    expect(told).toMatchObject([
      { type: "run.failed", data: { run: { id: run.id, state: "paused" } } },
      { type: "run.failed", data: { run: { id: run.id, state: "paused" } } },
      { type: "run.done", data: { run: { id: run.id, state: "finished" } } },
    ]);
    const ids = receiver.received.map(({ headers }) => headers["webhook-id"]);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
    expect(errors).toHaveLength(1);
  });
});

describe.each(BACKENDS)("a process that ends soon, on %s,", (kind) => {
  it("tries each waiting notification once, and leaves in the queue what was not accepted", async (context) => {
    const home = await openForTest(kind, context);
    undo.push(() => home.close());
    const receiver = await startReceiver((nth) => (nth === 2 ? 503 : 204));
    undo.push(() => receiver.close());
    const errors: string[] = [];
    const options = {
      home,
      secrets: [],
      environment: () => undefined,
      onError: ({ message }: Error) => errors.push(message),
    };
    await sendWaiting(options);
    const to = { addresses: [receiver.url], heartbeat: receiver.url, allowPrivateAddress: true };
    await tell(home, to, [NOTICE, NOTICE, NOTICE]);
    await sendWaiting(options);
    expect(receiver.received).toHaveLength(3);
    expect(errors).toHaveLength(1);
    expect(await waitingIn(home)).toBe(1);
    // what is not due yet is not waited for
    await sendWaiting(options, 3_600_000);
    expect(receiver.received).toHaveLength(3);
  });
});

it("the pauses between attempts are those of Standard Webhooks", () => {
  const seconds = RETRY_DELAYS.map((ms) => ms / 1_000);
  expect(seconds).toEqual([5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]);
});

it("a notification that the backend does not take harms nobody", async () => {
  const errors: string[] = [];
  const queue = {
    on: () => queue,
    addBulk: async () => Promise.reject(new Error("the backend is away")),
    close: async () => undefined,
  };
  const notifier = createNotifier({
    home: { notifications: () => queue } as never,
    onError: ({ message }) => errors.push(message),
  });
  await notifier.notify(NOTICE, { addresses: ["https://x.example/"], heartbeat: null, allowPrivateAddress: false });
  expect(errors).toEqual(["a notification was lost: the backend is away"]);
});
