import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";

/** Redis has no memory beyond what it uses now, for so long; it evicts nothing. */
export async function fillRedis(url: string, forMs: number): Promise<true> {
  const redis = new Redis(url);
  try {
    const used = /^used_memory:(\d+)/m.exec(await redis.info("memory"))![1]!;
    await redis.config("SET", "maxmemory", used);
    await sleep(forMs);
    await redis.config("SET", "maxmemory", "0");
    return true;
  } finally {
    redis.disconnect();
  }
}

export async function emptyRedis(url: string): Promise<void> {
  const redis = new Redis(url);
  await redis.flushall();
  redis.disconnect();
}
