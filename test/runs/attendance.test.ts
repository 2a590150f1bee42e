import { spawnSync } from "node:child_process";
import { hostname } from "node:os";
import { expect, it } from "vitest";
import { isDeadOwner, ownerName, processHost } from "../../src/runs/attendance.ts";

const ended = spawnSync(process.execPath, ["--version"]).pid;

it("a process of this machine that has ended need not be waited for", () => {
  expect(isDeadOwner(`bob@here, ${ownerName({ pid: ended, host: processHost(), id: "x" })}`)).toBe(true);
  expect(isDeadOwner(ownerName({ pid: process.pid, host: processHost(), id: "x" }))).toBe(false);
});

it("of a container that bears this machine's name, or of another machine, nobody here says that it is dead", () => {
  expect(isDeadOwner(ownerName({ pid: ended, host: `${hostname()}/1`, id: "x" }))).toBe(false);
  expect(isDeadOwner(ownerName({ pid: ended, host: "elsewhere", id: "x" }))).toBe(false);
});
