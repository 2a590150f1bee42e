import { z } from "zod";
import { JSON_DOCUMENTS, type JsonDocument } from "./json-documents.ts";
import { RunView } from "../../src/dashboard/views.ts";
import { OccasionView, ScheduleView } from "../../src/dashboard/schedule-views.ts";

/** The parts of JSON Schema that zod makes of our documents. */
interface Schema {
  type?: string | string[];
  description?: string;
  const?: unknown;
  enum?: unknown[];
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  anyOf?: Schema[];
}

/** Objects that are told once, by the fields that tell them. */
const TOLD_ONCE = { Run: RunView, Occasion: OccasionView, Schedule: ScheduleView } as const;
type Told = keyof typeof TOLD_ONCE;

/** The text of docs/json.md. */
export function renderJsonDocs(): string {
  const documents: [string, JsonDocument][] = Object.entries(JSON_DOCUMENTS);
  return `# \`--json\`

With \`--json\` a command prints one JSON document on standard output and nothing else there; what it has to say beside it goes to
standard error. The exit code is the same as without. \`serve\` and \`worker\` run until they are stopped and print none (except
\`worker --check\`); \`init\` asks, so it has none either. Names are snake_case, times ISO 8601 in UTC. Fields may be added; what is
here keeps its name and meaning.

${Object.entries(TOLD_ONCE)
  .map(([name, schema]) => `## ${name}\n\n${table(jsonSchemaOf(schema), null)}`)
  .join("\n")}
${documents.map(renderDocument).join("\n")}`;
}

function renderDocument([, { of, schema, says }]: [string, JsonDocument]): string {
  const json = jsonSchemaOf(schema);
  const [object, ...others] = json.anyOf ?? [json];
  const base = (Object.keys(TOLD_ONCE) as Told[]).find((name) => contains(object!, name)) ?? null;
  const lines = [`## ${of.map((line) => (line === "An error" ? line : `\`${line}\``)).join(", ")}`, ""];
  if (says !== undefined) lines.push(says, "");
  const own = table(object!, base);
  if (base !== null) lines.push(own === "" ? `${article(base)}.` : `${article(base)}, and:`, "");
  if (own !== "") lines.push(own);
  for (const other of others) lines.push("Or:", "", table(other, null));
  return lines.join("\n");
}

function article(name: Told): string {
  return `${name === "Occasion" ? "An" : "A"} [${name}](#${name.toLowerCase()})`;
}

function jsonSchemaOf(schema: z.ZodType): Schema {
  return z.toJSONSchema(schema) as Schema;
}

/** A row for each field, nested ones with the way to them; without those of `base`. */
function table(schema: Schema, base: Told | null): string {
  const rows = [...rowsOf(schema, "", base)];
  return rows.length === 0 ? "" : `| field | what | |\n|---|---|---|\n${rows.join("\n")}\n`;
}

function* rowsOf(schema: Schema, path: string, base: Told | null = null): Generator<string> {
  const leftOut = base === null ? {} : (jsonSchemaOf(TOLD_ONCE[base]).properties ?? {});
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    if (name in leftOut) continue;
    const at = `${path}${name}`;
    const inner = innerOf(field);
    const told = (Object.keys(TOLD_ONCE) as Told[]).find((one) => contains(inner.schema, one));
    const optional = schema.required?.includes(name) ? "" : ", may be left out";
    const type =
      told === undefined ? typeOf(field) : typeOf(field).replace("object", `[${told}](#${told.toLowerCase()})`);
    const isBracket = told === undefined && inner.schema.properties !== undefined && typeOf(field) === "object";
    if (!isBracket) yield `| \`${at}\` | ${type}${optional} | ${descriptionOf(field)} |`;
    if (told === undefined) yield* rowsOf(inner.schema, `${at}${inner.suffix}.`);
  }
}

/** What lies inside a list or a record, behind `null` too. */
function innerOf(field: Schema): { schema: Schema; suffix: string } {
  const schema = field.anyOf?.find(({ type }) => type === "object" || type === "array") ?? field;
  if (schema.items) {
    const inner = innerOf(schema.items);
    return { schema: inner.schema, suffix: `[]${inner.suffix}` };
  }
  const { additionalProperties } = schema;
  if (!schema.properties && typeof additionalProperties === "object" && additionalProperties.properties)
    return { schema: additionalProperties, suffix: ".*" };
  return { schema, suffix: "" };
}

function contains(schema: Schema, name: Told): boolean {
  const wanted = Object.keys(jsonSchemaOf(TOLD_ONCE[name]).properties ?? {}).filter(
    (field) => field !== "last_success_at",
  );
  return wanted.every((field) => schema.properties?.[field] !== undefined);
}

function typeOf(field: Schema): string {
  if (field.anyOf) return [...new Set(field.anyOf.map(typeOf))].join(" or ");
  if (field.const !== undefined) return `\`${JSON.stringify(field.const).replaceAll('"', "")}\``;
  if (field.enum) return field.enum.map((one) => `\`${String(one)}\``).join(", ");
  if (field.type === "array") return `list of ${field.items ? typeOf(field.items) : "anything"}`;
  if (field.format === "date-time") return "time";
  if (field.type === "object" && typeof field.additionalProperties === "object") {
    return `object, name to ${typeOf(field.additionalProperties)}`;
  }
  return field.type === undefined ? "any value" : [field.type].flat().join(" or ");
}

function descriptionOf(field: Schema): string {
  return (field.description ?? field.anyOf?.find(({ description }) => description)?.description ?? "").replaceAll(
    "|",
    "\\|",
  );
}
