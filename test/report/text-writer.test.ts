import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { TextWriter } from "../../src/report/text-writer.ts";

test("waits until the stream has taken a piece before it takes more", async () => {
  const taken: (() => void)[] = [];
  const out = new Writable({ decodeStrings: false, write: (_chunk, _encoding, done) => void taken.push(done) });
  const text = new TextWriter(out);

  await text.write("a little");
  expect(taken).toHaveLength(0);
  let written = false;
  const writing = text.write("x".repeat(70_000)).then(() => (written = true));
  await Promise.resolve();
  expect(taken).toHaveLength(1);
  expect(written).toBe(false);
  taken[0]!();
  await writing;
  expect(written).toBe(true);
});

test("throws what the stream fails with, put as the caller explains it", async () => {
  const out = new Writable({ write: (_chunk, _encoding, done) => done(new Error("no space left on device")) });
  const text = new TextWriter(out, (error) => new Error(`can't write report.csv: ${error.message}`));

  await text.write("a row");
  await expect(text.flush()).rejects.toThrow("can't write report.csv: no space left on device");
});

test("leaves the stream open", async () => {
  const pieces: string[] = [];
  const out = new Writable({
    decodeStrings: false,
    write: (chunk, _encoding, done) => (pieces.push(String(chunk)), done()),
  });
  const text = new TextWriter(out);

  await text.write("one");
  await text.flush();
  await text.flush();
  expect(out.writableEnded).toBe(false);
  expect(pieces).toEqual(["one"]);
});
