/** Options of reading a spreadsheet, by the flags that its notes and errors know them by. */
const FLAG = /--(map|where|skip|limit|delimiter|encoding|sheet|header-row)(?![\w-])/g;

/** A sentence on reading a spreadsheet with its options named as an upload has them. */
export function nameOptions(text: string): string {
  return text.replaceAll(FLAG, (_, name: string) => `the option ${name.replace("-", "_")}`);
}
