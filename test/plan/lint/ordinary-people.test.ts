import { domainToASCII } from "node:url";
import { expect, it } from "vitest";
import { KnownDomains } from "../../../src/plan/lint/known-domains.ts";
import { RowLint } from "../../../src/plan/lint/row-lint.ts";
import { RegistryView } from "../../../src/plan/registry-view.ts";
import { NO_LINT_OPTIONS } from "../../../src/plan/lint/lint.ts";
import { readEntry } from "../../../src/registry/read-entry.ts";

const NAMES = [
  ["Ada Lovelace", "Jürgen Groß", "Zoë van der Berg", "Łukasz Żółć", "Seán O'Brien", "Nguyễn Thị Hương", "İpek Öztürk"],
  ["Анна Кузнецова", "Дмитро Шевченко", "Георги Иванов"],
  ["Ελένη Παπαδοπούλου", "Γιώργος Νικολάου"],
  ["山田太郎", "田中さくら", "王小明", "陳大文", "김민준", "이서연", "佐藤 ハナコ"],
  ["محمد علی", "فاطمة الزهراء", "דוד כהן", "नीलम शर्मा", "สมชาย ใจดี", "Գրիգոր Պետրոսյան", "გიორგი ბერიძე"],
].flat();
const DOMAINS = [
  "contoso.com",
  "contoso.de",
  "mail.contoso.co.uk",
  "bücher-verlag.de",
  "компания.рф",
  "株式会社.jp",
  "ibm.com",
];

it("a list of 500 ordinary people with names in several scripts gets no warning", () => {
  const view = new RegistryView(true);
  view.isWhole = true;
  const people = Array.from({ length: 500 }, (_, i) => {
    const domain = DOMAINS[i % DOMAINS.length]!;
    return readEntry({
      id: `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`,
      name: `${NAMES[i % NAMES.length]} ${i}`,
      email: `person.${i}@${i % 2 === 0 ? domain : domainToASCII(domain)}`,
    });
  });
  for (const person of people) view.add(person);
  const lint = new RowLint(view, NO_LINT_OPTIONS);
  const moves = people.map((entry, i) => {
    const local = ["neu.söñke", "o'hara", "first.last+tag", "имя.фамилия", "名前"][i % 5];
    return { entry, email: `${local}.${i}@${DOMAINS[(i + 3) % DOMAINS.length]}` };
  });
  for (const { entry, email } of moves) lint.noteAddress(entry, { email });
  const warned = moves.flatMap(({ entry, email }) =>
    lint.warningsOf(entry, { email: { from: entry.email, to: email } }).map((warning) => ({ email, ...warning })),
  );
  expect(warned).toEqual([]);
  expect(lint.warningsOf(people[0]!, { email: { from: people[0]!.email, to: "x@gmail.com" } })).toHaveLength(1);
});

it("domains that are in the registry side by side are not held against each other", () => {
  const known = new KnownDomains(
    ["a@contoso.com", "a@contoso.co", "a@contosa.com"].map((email) => ({ email, is_email_regex: false })),
    [],
  );
  expect(known.has({ ascii: "contosa.com", unicode: "contosa.com" })).toBe(true);
});
