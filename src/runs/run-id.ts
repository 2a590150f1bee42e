import { randomInt } from "node:crypto";

const ADJECTIVES =
  "amber brave brisk bright calm clear clever cosy crisp dapper eager early fair fleet fond gentle glad golden grand happy honest keen kind lively lucky mellow merry mild neat nimble noble patient plain plucky polite proud quick quiet ready rosy round sandy sharp silver sleek smart snug spry steady stout sturdy sunny sure swift tidy trim trusty vivid warm wise witty young zesty".split(
    " ",
  );
const ANIMALS =
  "ant badger bear beaver bee bison boar cat cod crab crane crow deer dove duck eagle eel elk falcon ferret finch fox frog gecko goat goose gull hare hawk heron horse ibis jay kite koala lark lemur lion llama lynx magpie mole moose moth mouse newt otter owl panda perch pike puffin quail rabbit raven robin seal shrew sparrow stork swan tern toad trout wolf wren".split(
    " ",
  );

/** An id that people can read out and type, e.g. `2026-11-24-brave-otter`: the day, and one of some 4,000 pairs of words. */
export function makeRunId(now: Date): string {
  const day = now.toISOString().slice(0, 10);
  return `${day}-${pick(ADJECTIVES)}-${pick(ANIMALS)}`;
}

/** The beginning of the day (UTC) on which a run was made, epoch milliseconds; NaN where its id names none. */
export function dayOf(runId: string): number {
  return Date.parse(runId.slice(0, "2026-11-24".length));
}

function pick(words: string[]): string {
  return words[randomInt(words.length)]!;
}
