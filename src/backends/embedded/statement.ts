/** A statement's command in capitals and the word after it, past comments: `["LISTEN", "bullmq_jobs"]`. */
export function firstWords(text: string): [command: string, next: string] {
  const [command = "", next = ""] = text
    .replaceAll(/--[^\n]*(\n|$)/g, " ")
    .trim()
    .split(/[\s;(]+/, 2);
  return [command.toUpperCase(), next];
}
