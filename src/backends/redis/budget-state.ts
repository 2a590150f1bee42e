import type { BudgetLook, BudgetState, Reservation } from "../../budget/budget-state.ts";
import type { RedisCommands } from "./commands.ts";
import { keys } from "./keys.ts";

/** The shared budget in Redis; the arithmetic is in scripts.ts. */
export class RedisBudgetState implements BudgetState {
  readonly #commands: RedisCommands;

  constructor(commands: RedisCommands) {
    this.#commands = commands;
  }

  async reserve(key: string, count: number, intervalMs: number): Promise<Reservation> {
    const answer = await this.#commands.script<Numbers>("reserve", [keys.budget(key)], [count, intervalMs]);
    const [waitMs, interval, epoch, granted] = numbers(answer);
    return { waitMs, intervalMs: interval, epoch, granted };
  }

  async close(key: string, forMs: number): Promise<void> {
    await this.#commands.script("close", [keys.budget(key)], [forMs]);
  }

  async slow(key: string, intervalMs: number, forMs: number): Promise<void> {
    await this.#commands.script("slow", [keys.budget(key)], [intervalMs, forMs]);
  }

  async look(key: string): Promise<BudgetLook> {
    const answer = await this.#commands.script<Numbers>("look", [keys.budget(key)]);
    const [epoch, granted, closedForMs, slowIntervalMs] = numbers(answer);
    return { epoch, granted, closedForMs, slowIntervalMs };
  }
}

type Numbers = [string, string, string, string];

function numbers(answer: Numbers): [number, number, number, number] {
  return answer.map(Number) as [number, number, number, number];
}
