import { expect, test, vi } from "vitest";
import { patiently } from "../../src/backends/patience.ts";

const lost = new Error("lost");
const how = {
  address: "redis://host",
  isLost: (error: unknown) => error === lost,
  closing: new AbortController().signal,
};

test("a call whose connection is lost is repeated until it is answered", async () => {
  const call = vi
    .fn(async () => "answer")
    .mockRejectedValueOnce(lost)
    .mockRejectedValueOnce(lost);
  expect(await patiently(call, how)).toBe("answer");
  expect(call).toHaveBeenCalledTimes(3);
});

test("any other error is thrown at once", async () => {
  const call = vi.fn(async () => Promise.reject(new Error("no such table")));
  await expect(patiently(call, how)).rejects.toThrow("no such table");
  expect(call).toHaveBeenCalledTimes(1);
});

test("a call is given up after its time, with one line that says what to do", async () => {
  const gaveUp = await patiently(async () => Promise.reject(lost), { ...how, forMs: 60 }).catch(
    (error: unknown) => error,
  );
  expect(gaveUp).toMatchObject({
    name: "BackendError",
    code: "backend_lost",
    message: "The connection to redis://host was lost and did not come back",
    remedy: "Start the server again, then resume the run: what was recorded is kept",
    cause: lost,
  });
});

test("nothing is waited for once the backend is closed", async () => {
  const closing = new AbortController();
  const call = vi.fn(async () => Promise.reject(lost));
  const waiting = patiently(call, { ...how, closing: closing.signal, forMs: 60_000 });
  closing.abort();
  await expect(waiting).rejects.toMatchObject({ code: "backend_lost" });
});
