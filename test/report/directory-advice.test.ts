import { expect, test } from "vitest";
import { directoryAdvice, directoryTitle } from "../../src/report/directory-advice.ts";

test("says for each wanted field where it is changed", () => {
  expect(directoryAdvice("SNOOPY-OFFICE_365", ["email", "name", "comments"])).toMatchInlineSnapshot(
    `"Change name and primary address in Microsoft Entra ID (entra.microsoft.com › Users, or the on-premises Active Directory that feeds it); the directory's next sync brings them into the registry. In the Cloudflare dashboard only the secondary e-mail can be edited (Email Security › Directories › Users › Edit). Can't be changed while the entry is synced: comments."`,
  );
});

test("says nothing of the secondary e-mail where no address is to change", () => {
  expect(directoryAdvice("SNOOPY-GOOGLE_DIRECTORY", ["name"])).toMatchInlineSnapshot(
    `"Change name in Google Workspace (admin.google.com › Directory › Users); the directory's next sync brings it into the registry."`,
  );
});

test("sends nobody to the directory for what the directory does not hold", () => {
  expect(directoryAdvice("SNOOPY-GOOGLE_DIRECTORY", ["comments", "directory_id"])).toBe(
    "Can't be changed while the entry is synced: comments, directory_id.",
  );
});

test("shows a directory kind that is not known by its own value, and one that was not named in words", () => {
  expect(directoryTitle("SNOOPY-OKTA")).toBe("SNOOPY-OKTA");
  expect(directoryTitle(null)).toBe("A directory that the API did not name");
  expect(directoryAdvice("SNOOPY-OKTA", ["name"])).toContain("Change name in the directory itself");
});
