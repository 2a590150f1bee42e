import { expect, test } from "vitest";
import { figure, type Goal, renderGoal, renderMeasured } from "./figure.ts";
import { MEASUREMENTS, measurementsOf } from "./measurements.ts";
import { type BenchReport, missedGoals, renderJson, renderMarkdown, renderText } from "./report.ts";
import { takeTurns } from "./turns.ts";

function reportOf(...figures: BenchReport["measurements"][number]["figures"]): BenchReport {
  return {
    machine: { cores: 2, cpu: "A | B", node: "24.1.0", platform: "linux x64" },
    startedAt: Date.parse("2026-11-25T03:00:00Z"),
    seconds: 61.4,
    measurements: [{ name: "reading", title: "Reading a | b", figures, seconds: 61 }],
  };
}

function met(measured: number, goal: Goal | null): boolean | null {
  return figure("it", measured, "times", goal).met;
}

function names(...asked: string[]): string[] {
  const all = ["reading", "memory.plan", "memory.redis"].map((name) => ({ ...MEASUREMENTS[0]!, name }));
  return measurementsOf(asked, all).map(({ name }) => name);
}

test("a goal is met at its bound, missed beyond it, and missed where nothing could be measured", () => {
  expect([met(2, { atLeast: 2 }), met(1.999, { atLeast: 2 }), met(Number.NaN, { atLeast: 2 })]).toEqual([
    true,
    false,
    false,
  ]);
  expect([met(1.5, { atMost: 1.5 }), met(1.501, { atMost: 1.5 }), met(Infinity, { atMost: 1.5 })]).toEqual([
    true,
    false,
    false,
  ]);
  expect(met(7, null)).toBe(null);
});

test("a figure that misses its goal is never rounded to it", () => {
  expect(renderMeasured(figure("it", 1.9999, "times", { atLeast: 2 }))).toBe("1.99 times");
  expect(renderMeasured(figure("it", 450.2, "bytes", { atMost: 450 }))).toBe("451 bytes");
  expect(renderMeasured(figure("it", 2.0001, "times", { atLeast: 2 }))).toBe("2 times");
  expect(renderMeasured(figure("it", 12_345.6, "rows/s"))).toBe("12,346 rows/s");
  expect(renderMeasured(figure("it", Number.NaN, "s", { atMost: 1 }))).toBe("none");
  expect(renderGoal(figure("it", 1, "times", { atLeast: 0.6 }))).toBe("≥ 0.6 times");
});

test("a report is a table as text and as Markdown, and the same figures as JSON", () => {
  const report = reportOf(
    figure("of csv-parse", 0.5, "times", { atLeast: 0.6 }),
    figure("bulkpatch", 120_000, "rows/s"),
    figure("resident", 120, "MB", { atMost: 200 }),
  );
  expect(renderText(report)).toMatchInlineSnapshot(`
    "2026-11-25: 2 cores (A | B), Node 24.1.0, linux x64; all figures of one run of 61 s

    Reading a | b
      of csv-parse       0.5 times  ≥ 0.6 times  MISSED
      bulkpatch     120,000 rows/s
      resident              120 MB  ≤ 200 MB     met
    "
  `);
  expect(renderMarkdown(report)).toMatchInlineSnapshot(`
    "2026-11-25: 2 cores (A | B), Node 24.1.0, linux x64; all figures of one run of 61 s

    | Reading a \\| b | measured | goal | |
    |---|--:|---|---|
    | of csv-parse | 0.5 times | ≥ 0.6 times | MISSED |
    | bulkpatch | 120,000 rows/s |  |  |
    | resident | 120 MB | ≤ 200 MB | met |
    "
  `);
  expect(JSON.parse(renderJson(report))).toMatchInlineSnapshot(`
    {
      "figures": [
        {
          "goal": {
            "at_least": 0.6,
          },
          "measured": 0.5,
          "measurement": "reading",
          "met": false,
          "unit": "times",
          "what": "of csv-parse",
        },
        {
          "goal": null,
          "measured": 120000,
          "measurement": "reading",
          "met": null,
          "unit": "rows/s",
          "what": "bulkpatch",
        },
        {
          "goal": {
            "at_most": 200,
          },
          "measured": 120,
          "measurement": "reading",
          "met": true,
          "unit": "MB",
          "what": "resident",
        },
      ],
      "machine": {
        "cores": 2,
        "cpu": "A | B",
        "node": "24.1.0",
        "platform": "linux x64",
      },
      "missed": [
        "reading: of csv-parse: 0.5 times (goal ≥ 0.6 times)",
      ],
      "seconds": 61,
      "started_at": "2026-11-25T03:00:00.000Z",
    }
  `);
  expect(missedGoals(report)).toEqual(["reading: of csv-parse: 0.5 times (goal ≥ 0.6 times)"]);
});

test("a name stands for a measurement or for all parts of a group", () => {
  expect(names()).toEqual(["reading", "memory.plan", "memory.redis"]);
  expect(names("memory.redis", "memory")).toEqual(["memory.plan", "memory.redis"]);
  expect(() => names("memory", "memo")).toThrow(
    "there is no measurement memo, only reading, memory.plan, memory.redis",
  );
});

test("ways take turns in both orders, and the first turn does not count", async () => {
  const calls: string[] = [];
  const values = { a: [100, 2, 4, 9], b: [100, 1, 4, 3] };
  const take = (name: "a" | "b") => () => {
    calls.push(name);
    return values[name].shift()!;
  };
  const { median, ratio } = await takeTurns(3, { a: take("a"), b: take("b") });
  expect(calls.join("")).toBe("abbaabba");
  expect(median).toEqual({ a: 4, b: 3 });
  expect(ratio("a", "b")).toBe(2);
});
