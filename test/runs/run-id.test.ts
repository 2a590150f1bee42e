import { expect, it } from "vitest";
import { dayOf, makeRunId } from "../../src/runs/run-id.ts";

it("begins with the day on which the run was made", () => {
  const id = makeRunId(new Date("2026-11-24T23:59:59.999Z"));
  expect(id).toMatch(/^2026-11-24-[a-z]+-[a-z]+$/);
  expect(dayOf(id)).toBe(Date.UTC(2026, 10, 24));
  expect(dayOf("test-run")).toBeNaN();
});
