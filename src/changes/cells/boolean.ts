import { Refusal } from "./refusal.ts";

/** As people write them, and as Excel does in English, German, French, Spanish, Italian, Dutch and Portuguese. */
const TRUE = "true yes y 1 wahr ja vrai oui verdadero sí si vero sì waar verdadeiro sim";
const FALSE = "false no n 0 falsch nein faux non falso onwaar nee não nao";

const WORDS = new Map<string, boolean>([
  ...TRUE.split(" ").map((word) => [word, true] as const),
  ...FALSE.split(" ").map((word) => [word, false] as const),
]);

const TAKEN = `taken are ${TRUE.replaceAll(" ", ", ")}; and ${FALSE.replaceAll(" ", ", ")}`;

/** @param cell trimmed, not empty */
export function parseBoolean(cell: string): boolean | Refusal {
  const value = WORDS.get(cell.toLowerCase().normalize());
  return value ?? new Refusal("true or false", cell, TAKEN);
}
