import type { Backend } from "../../src/backends/backend.ts";
import { createMemoryBudgetState } from "./memory-budget.ts";
import { describeBudget } from "../backends/budget-contract.ts";

const backend = { budget: createMemoryBudgetState() } as Backend;
describeBudget(() => [backend, backend]);
