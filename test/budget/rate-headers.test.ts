import { expect, test } from "vitest";
import { parseRateHeaders } from "../../src/budget/rate-headers.ts";

const parse = (ratelimit?: string | string[], policy?: string | string[]) =>
  parseRateHeaders({ ratelimit, "ratelimit-policy": policy });

test("reads what Cloudflare sends", () => {
  expect(parse('"default";r=50;t=30', '"default";q=1200;w=300')).toEqual([
    { name: "default", remaining: 50, resetSeconds: 30, quota: 1200, windowSeconds: 300 },
  ]);
});

test("reads several items, in one header or in two, and gives each its own policy", () => {
  const both = [
    { name: "default", remaining: 50, resetSeconds: 30, quota: 1200, windowSeconds: 300 },
    { name: "ip", remaining: 199, resetSeconds: 1, quota: 200, windowSeconds: 1 },
  ];
  expect(parse('"default";r=50;t=30, "ip";r=199;t=1', '"ip";q=200;w=1,"default";q=1200;w=300')).toEqual(both);
  expect(parse(['"default";r=50;t=30', '"ip";r=199;t=1'], ['"ip";q=200;w=1', '"default";q=1200;w=300'])).toEqual(both);
});

test("does without a policy, and without a reset", () => {
  const unknown = { resetSeconds: null, quota: null, windowSeconds: null };
  expect(parse('"default";r=0')).toEqual([{ name: "default", remaining: 0, ...unknown }]);
  expect(parse("default;r=7", '"other";q=1;w=1')).toEqual([{ name: "default", remaining: 7, ...unknown }]);
});

test("tolerates parameters and names that it does not know", () => {
  expect(parse('"a,b;c";r=1;pk=:dGVzdA==:;note="x,y;z";t=2', '"a,b;c";q=10;qu="requests";w=60;partition')).toEqual([
    { name: "a,b;c", remaining: 1, resetSeconds: 2, quota: 10, windowSeconds: 60 },
  ]);
});

test.each([
  undefined,
  "",
  "garbage garbage",
  '"default"',
  '"default";t=30',
  '"default";r=-1;t=30',
  '"default";r=1.5',
  '"default";r=x',
  '"unclosed;r=1',
])("makes nothing of %j", (text) => {
  expect(parse(text, '"default";q=1200;w=300')).toEqual([]);
});

test("leaves out an item that can't be read, and reads the others", () => {
  expect(parse('!!!;r=1, "default";r=50;t=30').map(({ name }) => name)).toEqual(["default"]);
});

test("takes a quota or a window of nothing for unknown", () => {
  expect(parse('"default";r=1;t=1', '"default";q=0;w=0')).toMatchObject([{ quota: null, windowSeconds: null }]);
});
