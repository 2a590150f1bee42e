import { expect, test, vi } from "vitest";
import { BackendError } from "../../src/backends/backend-error.ts";
import { OutageRetry } from "../../src/backends/outage-retry.ts";

const lost = new Error("lost");
const outageRetry = (forMs?: number) =>
  new OutageRetry({
    address: "redis://host",
    isLost: (error) => error === lost,
    ...(forMs !== undefined && { forMs }),
  });

test("a call whose connection is lost is repeated until it is answered", async () => {
  const call = vi
    .fn(async () => "answer")
    .mockRejectedValueOnce(lost)
    .mockRejectedValueOnce(lost);
  expect(await outageRetry().call(call)).toBe("answer");
  expect(call).toHaveBeenCalledTimes(3);
});

test("a server that is full is waited for, and named when it stays so; one that forbids it is named at once", async () => {
  const full = new BackendError("backend_full", "it is full", "make room");
  const forbidden = new BackendError("backend_permission", "it may not", "allow it");
  const explain = (error: unknown): BackendError | null =>
    error === "full" ? full : error === "forbidden" ? forbidden : null;
  const calling = new OutageRetry({ address: "redis://host", isLost: () => false, explain, forMs: 60 });
  const passes = vi.fn(async () => "answer").mockRejectedValueOnce("full");
  expect(await calling.call(passes)).toBe("answer");
  await expect(calling.call(async () => Promise.reject("full"))).rejects.toBe(full);
  const never = vi.fn(async () => Promise.reject("forbidden"));
  await expect(calling.call(never)).rejects.toBe(forbidden);
  expect(never).toHaveBeenCalledTimes(1);
});

test("any other error is thrown at once", async () => {
  const call = vi.fn(async () => Promise.reject(new Error("no such table")));
  await expect(outageRetry().call(call)).rejects.toThrow("no such table");
  expect(call).toHaveBeenCalledTimes(1);
});

test("a call is given up after its time, with one line that says what to do", async () => {
  await expect(outageRetry(60).call(async () => Promise.reject(lost))).rejects.toMatchObject({
    name: "BackendError",
    code: "backend_lost",
    message: "The connection to redis://host was lost and did not come back",
    remedy: "Start the server again, then resume the run: what was recorded is kept",
    cause: lost,
  });
});

test("nothing is waited for once the backend is closed: not a pause, not an answer that never comes", async () => {
  const closing = outageRetry();
  const pausing = closing.call(async () => Promise.reject(lost));
  const hanging = closing.call(async () => new Promise(() => {}));
  closing.close();
  for (const call of [pausing, hanging, closing.call(async () => Promise.reject(lost))]) {
    await expect(call).rejects.toMatchObject({
      code: "backend_lost",
      message: "The connection to redis://host was closed before it answered",
    });
  }
});
