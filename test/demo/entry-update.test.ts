import { expect, test } from "vitest";
import { findUpdateFault } from "../../src/demo/entry-update.ts";
import { sampleRegistry } from "../../src/demo/sample-registry.ts";

const entry = sampleRegistry({ size: 1, syncedShare: 0 })[0]!;

test.each([
  [{}],
  [{ comments: null, directory_id: 17, directory_node_id: null, external_directory_node_id: null }],
  [{ email: "new.address@example.com", name: "x".repeat(1024) }],
  [{ email: "^.*@example\\.com$", is_email_regex: true }],
  [{ provenance: "SNOOPY-GOOGLE_DIRECTORY" }],
])("takes %j", (update) => {
  expect(findUpdateFault(update, entry)).toBeNull();
});

test.each([
  [[], "", "the body must be an object"],
  [null, "", "the body must be an object"],
  [{ nickname: "x" }, "/nickname", 'unknown field "nickname"'],
  [{ constructor: "x" }, "/constructor", 'unknown field "constructor"'],
  [{ comments: 1 }, "/comments", "comments must be a string"],
  [{ directory_id: 1.5 }, "/directory_id", "directory_id must be an integer"],
  [{ directory_id: "17" }, "/directory_id", "directory_id must be an integer"],
  [{ email: null }, "/email", "email must be a string"],
  [{ email: "nobody" }, "/email", "email must be a valid address"],
  [{ email: "a@example.com, b@example.com" }, "/email", "email must be a valid address"],
  [{ email: "([a-z]+", is_email_regex: true }, "/email", "email must be a valid regular expression"],
  [{ is_email_regex: "yes" }, "/is_email_regex", "is_email_regex must be a boolean"],
  [{ name: "" }, "/name", "name must have 1 to 1024 characters"],
  [{ name: "x".repeat(1025) }, "/name", "name must have 1 to 1024 characters"],
  [{ provenance: "HR" }, "/provenance", /^provenance must be one of A1S_INTERNAL, /],
])("refuses %j", (update, pointer, message) => {
  const fault = findUpdateFault(update, entry);
  expect(fault?.pointer).toBe(pointer);
  expect(fault?.message).toEqual(message instanceof RegExp ? expect.stringMatching(message) : message);
});
