/*
 * Domains that look alike have the same skeleton. The table is the part of Unicode's confusable characters (UTS 39,
 * confusables.txt) that may stand in a domain name, in lower case as names are compared: letters of other scripts and digits
 * that are drawn like a Latin letter, and Latin letters with a stroke, which no normalisation takes apart.
 */
const LOOK_LIKE: Record<string, string> = {
  a: "аɑαǻ",
  b: "ьƅᖯ",
  c: "сϲᴄ",
  d: "ԁđɗ",
  e: "еҽєɛ",
  f: "ƒғẝ",
  g: "ɡցǥ",
  h: "һհħ",
  i: "іıιɩ",
  j: "јϳ",
  k: "κкҝ",
  l: "ӏ1łǀ|ⅼ",
  m: "мʍ",
  n: "ոռпηƞ",
  o: "оοօ0σøᴏဝഠ௦",
  p: "рρ",
  q: "ԛգ",
  r: "гᴦɼ",
  s: "ѕꜱ",
  t: "тτŧ",
  u: "υսᴜ",
  v: "νѵᴠ",
  w: "ԝաωᴡш",
  x: "хχ",
  y: "уүγʏ",
  z: "ᴢʐ",
};

const LATIN = new Map(
  Object.entries(LOOK_LIKE).flatMap(([latin, others]) => Array.from(others, (one) => [one, latin])),
);

/**
 * The text as an eye that reads fast sees it: `раураl.com`, `paypa1.com` and `paypal.com` are the same, and so are `rn` and
 * `m`, `vv` and `w`.
 */
export function skeletonOf(text: string): string {
  const plain = text.toLowerCase().normalize("NFKD").replaceAll(/\p{M}/gu, "");
  let skeleton = "";
  for (const character of plain) skeleton += LATIN.get(character) ?? character;
  return skeleton.replaceAll("rn", "m").replaceAll("vv", "w");
}

/** Scripts that one name mixes as a matter of course: Japanese, Korean and Chinese, each beside Latin. Source: UTS 39, 5.2. */
const MIXED_BY_CUSTOM = [
  ["Latin", "Han", "Hiragana", "Katakana"],
  ["Latin", "Han", "Hangul"],
  ["Latin", "Han", "Bopomofo"],
];
const SCRIPTS = [
  "Latin",
  "Cyrillic",
  "Greek",
  "Armenian",
  "Georgian",
  "Cherokee",
  "Hebrew",
  "Arabic",
  "Devanagari",
  "Thai",
  "Han",
  "Hiragana",
  "Katakana",
  "Hangul",
  "Bopomofo",
].map((name) => ({ name, letter: new RegExp(`\\p{Script=${name}}`, "u") }));

/** The scripts of one label where they are not ones that a name mixes as a matter of course; null where all is well. */
export function strangeMixOf(label: string): string[] | null {
  if (!/\P{ASCII}/u.test(label)) return null;
  const scripts = SCRIPTS.filter(({ letter }) => letter.test(label)).map(({ name }) => name);
  if (scripts.length < 2) return null;
  return MIXED_BY_CUSTOM.some((custom) => scripts.every((one) => custom.includes(one))) ? null : scripts;
}
