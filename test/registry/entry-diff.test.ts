import { describe, expect, it } from "vitest";
import { diff, firstDifference, uncompared, updateOf } from "../../src/registry/entry-diff.ts";
import { readEntry } from "../../src/registry/read-entry.ts";

const entry = readEntry({
  id: "f174e90a-fafe-4643-bbbc-4a0ed4fc8415",
  name: "Jon Doe",
  email: "jon@example.com",
  comments: null,
});

describe("what differs between an entry and a row", () => {
  it("keeps only the fields whose value is another one, with both values", () => {
    expect(diff(entry, { name: "John Doe", email: "jon@example.com", comments: "CFO" })).toEqual({
      name: { from: "Jon Doe", to: "John Doe" },
      comments: { from: null, to: "CFO" },
    });
  });

  it("is nothing where the entry has the values already, an emptied text being empty either way", () => {
    expect(diff(entry, { name: "Jon Doe" })).toBeNull();
    expect(diff({ ...entry, comments: "" }, { comments: null })).toBeNull();
  });

  it("becomes the body of the PATCH", () => {
    expect(updateOf({ name: { from: "a", to: "b" }, comments: { from: "c", to: null } })).toEqual({
      name: "b",
      comments: null,
    });
  });

  it("is all that a row says where it was not compared", () => {
    expect(uncompared({ name: "x" })).toEqual({ name: { from: null, to: "x" } });
    expect(uncompared({})).toBeNull();
  });
});

describe("whether an answered entry shows what was sent", () => {
  it("says which field does not", () => {
    expect(firstDifference(entry, { name: "John Doe" })).toBe("name");
    expect(firstDifference(entry, { name: "Jon Doe", directory_id: 4 })).toBe("directory_id");
    expect(firstDifference(entry, { name: "Jon Doe" })).toBeNull();
  });

  it("takes an address in another letter case for the same, but not a regular expression", () => {
    expect(firstDifference(entry, { email: "Jon@Example.com" })).toBeNull();
    expect(firstDifference({ ...entry, is_email_regex: true }, { email: "Jon@Example.com" })).toBe("email");
  });
});
