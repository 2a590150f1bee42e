import { UsageError } from "./usage-error.ts";

export interface OutFlags {
  out?: string;
  force?: boolean;
}

/** A file to write. */
export interface OutFile<Form> {
  path: string;
  /** As its ending asks for. */
  form: Form;
  /** Replace what is there. */
  force: boolean;
}

/** Null without `--out`. `forms`: those that can be written, as endings. Throws UsageError for another one. */
export function outFileOf<const Form extends string>(
  { out, force = false }: OutFlags,
  forms: readonly Form[],
  like: string,
): OutFile<Form> | null {
  if (out === undefined) return null;
  const form = forms.find((one) => out.toLowerCase().endsWith(`.${one}`));
  if (form !== undefined) return { path: out, form, force };
  const endings = `${forms
    .slice(0, -1)
    .map((one) => `.${one}`)
    .join(", ")} or .${forms.at(-1)}`;
  throw new UsageError(`--out: expected a file that ends in ${endings}, found "${out}"`, `write it like --out ${like}`);
}
