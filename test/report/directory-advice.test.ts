import { expect, test } from "vitest";
import { directoryTitle, whereToChange } from "../../src/report/directory-advice.ts";

test("says for each wanted field where it is changed", () => {
  const changes = {
    name: { from: "A", to: "B" },
    email: { from: "a@x.example", to: "b@x.example" },
    comments: { from: null, to: "VIP" },
  };
  expect(whereToChange("SNOOPY-OFFICE_365", changes)).toMatchInlineSnapshot(
    `"name, email: Microsoft Entra ID (arrives with the next sync); a secondary e-mail: Cloudflare dashboard, Email Security › Directories › Users › Edit; comments: can't be changed while the entry is synced"`,
  );
});

test("says nothing of the secondary e-mail where no address is to change", () => {
  expect(whereToChange("SNOOPY-GOOGLE_DIRECTORY", { name: { from: "A", to: "B" } })).toBe(
    "name: Google Workspace (arrives with the next sync)",
  );
});

test("shows a directory kind that is not known by its own value, and one that was not named in words", () => {
  expect(directoryTitle("SNOOPY-OKTA")).toBe("SNOOPY-OKTA");
  expect(directoryTitle(null)).toBe("A directory that the API did not name");
  expect(whereToChange("SNOOPY-OKTA", { name: { from: "A", to: "B" } })).toContain(
    "the directory that the entry is synced from",
  );
});
