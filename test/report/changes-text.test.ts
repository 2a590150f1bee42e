import { expect, test } from "vitest";
import { entryAfter, renderChanges } from "../../src/report/changes-text.ts";
import { makeResult, makeRow } from "./sample-run.ts";

test("shows each field with its old and new value", () => {
  expect(
    renderChanges(
      {
        comments: { from: "VIP", to: null },
        name: { from: "Old", to: 'New "Boss"\nName' },
        is_email_regex: { from: false, to: true },
        directory_id: { from: null, to: 17 },
      },
      true,
    ),
  ).toBe(
    'name: "Old" → "New "Boss" ⏎ Name"; comments: "VIP" → empty; is_email_regex: false → true; directory_id: empty → 17',
  );
});

test("claims no old value where none is known", () => {
  expect(renderChanges({ name: { from: null, to: "New" } }, false)).toBe('name: "New"');
});

test("gives the entry as it is after the row", () => {
  const changes = { name: { from: "Old", to: "New" } };
  const row = makeRow(0, { entryName: "Old", changes });
  expect(entryAfter({ ...row, result: makeResult("updated") }).name).toBe("New");
  expect(entryAfter({ ...row, result: makeResult("failed") }).name).toBe("Old");
  expect(entryAfter(row).name).toBe("Old");
  expect(entryAfter(makeRow(0, { entryName: null, entryEmail: null }))).toEqual({ name: "", email: "" });
});
