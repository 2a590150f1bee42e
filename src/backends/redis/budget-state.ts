import {
  answerOf,
  type BudgetAnswer,
  type BudgetAsk,
  CLOSED_CODES,
  type ClosedReason,
  numbersOf,
  scalarsOf,
  withoutNews,
} from "../../budget/exchange.ts";
import type { BudgetState } from "../../budget/budget-state.ts";
import { newRecord, type BudgetRecord } from "../../budget/ledger.ts";
import type { RedisCommands } from "./commands.ts";
import { keys } from "./keys.ts";

/** The shared budget in Redis; the arithmetic is in budget-scripts.ts. */
export class RedisBudgetState implements BudgetState {
  readonly #commands: RedisCommands;

  constructor(commands: RedisCommands) {
    this.#commands = commands;
  }

  async exchange(key: string, ask: BudgetAsk): Promise<BudgetAnswer> {
    const answer = await this.#commands.script<string[]>(
      "exchangeBudget",
      [keys.budget(key)],
      argumentsOf(ask),
      argumentsOf(withoutNews(ask)),
    );
    return answerOf(answer.map(Number));
  }

  async close(key: string, forMs: number, reason: ClosedReason): Promise<void> {
    await this.#commands.script("closeBudget", [keys.budget(key)], [forMs, CLOSED_CODES[reason]]);
  }

  async look(key: string): Promise<{ record: BudgetRecord; now: number } | null> {
    const [now, ...pairs] = await this.#commands.script<string[]>("lookAtBudget", [keys.budget(key)]);
    if (now === undefined) return null;
    const record: Record<string, unknown> = {};
    for (let i = 0; i < pairs.length; i += 2) {
      const text = pairs[i + 1]!;
      const isList = pairs[i] === "answered" || pairs[i] === "flying";
      record[pairs[i]!] = isList ? text.split(" ").filter(Boolean).map(Number) : Number(text);
    }
    return { record: { ...newRecord(), ...record }, now: Number(now) };
  }
}

/** As the script takes them: numbers only, lists after their lengths. */
export function argumentsOf(ask: BudgetAsk): number[] {
  const { rules, settled, returned, advice } = ask;
  return [
    ...scalarsOf(ask).map(Number),
    rules.length,
    settled.length,
    returned.length,
    ...rules,
    ...settled,
    ...returned,
    ...numbersOf(advice),
  ];
}
