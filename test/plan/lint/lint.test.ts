import { describe, expect, it } from "vitest";
import { KnownDomains } from "../../../src/plan/lint/known-domains.ts";
import { lintAddress } from "../../../src/plan/lint/lint.ts";

const entries = [
  ...Array.from({ length: 12 }, (_, i) => ({ email: `person.${i}@contoso.com`, is_email_regex: false })),
  { email: "chef@mail.winner.co.uk", is_email_regex: false },
  { email: "ceo@paypal-corp.example", is_email_regex: false },
  { email: "a@apple.com", is_email_regex: false },
  { email: "^ada(\\+.*)?@regex-corp\\.example$", is_email_regex: true },
];
const known = new KnownDomains(entries, ["Allowed.Example"]);

function codes(email: string, isRegex = false, isWhole = true): string[] {
  return lintAddress({ email, isRegex }, { known, seen: new Map(), isWhole }).map(({ code }) => code);
}

describe("the domain of a new address", () => {
  it.each([
    "new@contoso.com",
    "new@CONTOSO.com",
    "new@emea.contoso.com",
    "new@winner.co.uk",
    "new@regex-corp.example",
    "new@allowed.example",
    "new@sub.allowed.example",
  ])("is expected: %s", (email) => expect(codes(email)).toEqual([]));

  it.each([
    ["one character more", "x@contosso.com"],
    ["one less", "x@contso.com"],
    ["another one", "x@contoro.com"],
    ["two changed places", "x@cotnoso.com"],
    ["another ending", "x@contoso.co"],
    ["a digit", "x@c0ntos0.com"],
    ["a letter l for i's neighbour", "x@paypa1-corp.example"],
    ["Cyrillic letters among Latin ones", "x@соntоso.com"],
    ["a name that is all Cyrillic", "x@аррӏе.com"],
    ["punycode", "x@xn--80ak6aa92e.com"],
    ["rn for m", "x@allowed.exarnple"],
    ["vv for w", "x@vvinner.co.uk"],
    ["a mark on a letter", "x@contosó.com"],
  ])("looks like a known one: %s", (_, email) => expect(codes(email)).toEqual(["lookalike_domain"]));

  it.each([
    ["free mail", "ada@gmail.com", "free_mail_domain"],
    ["somebody else's", "ada@unrelated-firm.example", "external_domain"],
    ["a mix of scripts", "ada@дomaіn-firm.example", "mixed_script_domain"],
  ])("is %s", (_, email, code) => expect(codes(email)).toEqual([code]));

  it("is judged as far as can be told where the registry was not listed", () => {
    expect(codes("ada@unrelated-firm.example", false, false)).toEqual([]);
    expect(codes("ada@gmail.com", false, false)).toEqual(["free_mail_domain"]);
    const nothing = new KnownDomains([], []);
    expect(
      lintAddress({ email: "ada@gmail.com", isRegex: false }, { known: nothing, seen: new Map(), isWhole: false }),
    ).toEqual([]);
  });

  it("is named as it is written and as it is shown", () => {
    expect(lintAddress({ email: "x@аррӏе.com", isRegex: false }, { known, seen: new Map(), isWhole: true }))
      .toMatchInlineSnapshot(`
      [
        {
          "code": "lookalike_domain",
          "message": "the domain xn--80ak6aa92e.com, shown as аррӏе.com looks like apple.com, which 1 entry has",
        },
      ]
    `);
    expect(lintAddress({ email: "x@contosso.com", isRegex: false }, { known, seen: new Map(), isWhole: true }))
      .toMatchInlineSnapshot(`
      [
        {
          "code": "lookalike_domain",
          "message": "the domain contosso.com looks like contoso.com, which 12 entries have",
        },
      ]
    `);
  });

  it("of an expression is looked at, too", () => {
    expect(codes("^ada(\\+.*)?@contosso\\.com$", true)).toEqual(["lookalike_domain"]);
    expect(codes("^ada(\\+.*)?@contoso\\.com$", true)).toEqual([]);
  });
});

describe("a regular expression", () => {
  it.each([".*", ".+", "^.*$", "^.*@.*$", "[^@]+@[^@]+", "(?i).*", "ceo@contoso\\.com|.*", "\\S+@\\S+"])(
    "fits every address: %s",
    (pattern) => expect(codes(pattern, true)).toEqual(["regex_matches_everything"]),
  );

  it.each([
    "^ada@.*$",
    "ada\\.lovelace@.+",
    "ada@[a-z0-9.-]+",
    "ada@.*\\.com",
    "(ada@.*|bob@contoso\\.com)",
    "ada@contoso\\.com|ada@.*",
    "ada@(.*)",
    "ada.*",
    "ada\\.lovelace.+$",
  ])("fits any domain: %s", (pattern) => expect(codes(pattern, true)).toEqual(["regex_any_domain"]));

  it.each([
    "^ada(\\+.*)?@contoso\\.com$",
    "(ada|bob)@contoso\\.com",
    "ada@(.*\\.)?contoso\\.com",
    "ada@(contoso|winner)\\.(com|co\\.uk)",
    "[^@]+@contoso\\.com",
    "ada(?=x)@contoso\\.com",
  ])("is an ordinary one: %s", (pattern) => expect(codes(pattern, true)).toEqual([]));

  it("is told from an address, both ways", () => {
    expect(codes("ada.*@contoso.com")).toEqual(["looks_like_regex"]);
    expect(codes("^ada@contoso.com")).toEqual(["looks_like_regex"]);
    expect(codes("ada.lovelace@contoso.com", true)).toEqual(["regex_is_plain_address"]);
    for (const plain of ["o'hara@contoso.com", "ada+list@contoso.com", "a_b-c.d@contoso.com", "söñke@contoso.com"]) {
      expect(codes(plain)).toEqual([]);
    }
  });

  it("that takes a backtracking engine for ever is judged at once", () => {
    expect(codes("^(a+)+@((x+)+)+\\.contoso\\.com$", true)).toEqual([]);
  });
});
