import { CLOSE, EXCHANGE, LOOK, READ_CLOCK } from "./budget-scripts.ts";
import { SCHEDULE_SCRIPTS } from "./schedule-scripts.ts";

/** Whole milliseconds of Redis's own clock, as `now`. */
const READ_NOW = `
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** For stage and record, whose first ARGV and KEYS are the same: marks a row that has ended, and counts what was marked. */
const COUNTING = `
    local function mark(counted, group, n)
      if group == 0 then return end
      local outcome, code = KEYS[3 + 2 * group], KEYS[4 + 2 * group]
      redis.call('SETBIT', outcome, n, 1)
      if code ~= outcome then redis.call('SETBIT', code, n, 1) end
      counted[group] = (counted[group] or 0) + 1
    end
    local function count(counted)
      for group, rows in pairs(counted) do
        local at = 4 * group
        redis.call('HINCRBY', KEYS[1], '#' .. ARGV[at], rows)
        local cause = ARGV[at + 1]
        if redis.call('HEXISTS', KEYS[3], cause) == 0 and redis.call('HLEN', KEYS[3]) >= 2 * ARGV[3] then cause = ARGV[at + 2] end
        redis.call('HINCRBY', KEYS[3], cause, rows)
        redis.call('HSETNX', KEYS[3], 'm' .. cause, ARGV[at + 3])
      end
    end`;

/** Counts requests of the run in KEYS[1]: ARGV as of addRequests, from `at`; KEYS from `firstHour` on are the hours. */
const ADDING_REQUESTS = `
    local function addRequests(at, firstHour)
      local traffic = at + 2 + 2 * ARGV[at + 1]
      for i = at + 2, traffic - 1, 2 do redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) end
      for i = traffic, #ARGV, 3 do redis.call('HINCRBY', KEYS[tonumber(ARGV[i])], ARGV[i + 1], ARGV[i + 2]) end
      for i = firstHour, #KEYS do redis.call('EXPIRE', KEYS[i], ARGV[at]) end
    end`;

/**
 * What must happen in one step in Redis, as Lua. Keys that a script touches are all among its KEYS.
 *
 * - `bulkpatch:runs`          sorted set, run id → created at
 * - `bulkpatch:in:<state>`    set of run ids
 * - `bulkpatch:run:<id>`      hash: the run's fields; `#rows`, `#updated`, … are its counters, `#end` is the highest position + 1
 * - `bulkpatch:rows:<id>`     hash, position → given, or given LF ended once the row has ended (JSON holds no LF)
 * - `bulkpatch:mark:<id>:<…>` bits: the positions of rows with this outcome, or with a code of this kind (row-groups.ts)
 * - `bulkpatch:causes:<id>`   hash: cause → count, and `m` and the cause → a message
 * - `bulkpatch:traffic:<…>`  hash of an hour: minute, kind, status → requests; of a run or an account; expires
 * - `bulkpatch:streak:<id>`   hash: key, count
 * - `bulkpatch:lease:<name>`  hash: owner, token, until (ms); is kept an hour longer, so that a late owner is known
 * - `bulkpatch:count:changes` counter: runs and schedules that were made, moved on or removed
 * - `bulkpatch:count:fences`  counter: the last token that was given
 * - `bulkpatch:worker:ids`    sorted set, worker id → alive until (ms); `bulkpatch:worker:infos` hash, worker id → JSON
 * - `bulkpatch:budget:2:<key>` MessagePack; expires
 * - schedules: schedule-scripts.ts
 */
export const SCRIPTS = {
  ...SCHEDULE_SCRIPTS,

  /** KEYS run, runs, in:state, changes. ARGV id, created at, call, then the hash's fields. 1, or 0 when there is such a run. */
  create: `
    if redis.call('EXISTS', KEYS[1]) == 1 then
      return redis.call('HGET', KEYS[1], 'call') == ARGV[3] and 1 or 0
    end
    redis.call('HSET', KEYS[1], 'call', ARGV[3], unpack(ARGV, 4))
    redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
    redis.call('SADD', KEYS[3], ARGV[1])
    redis.call('INCR', KEYS[4])
    return 1`,

  /**
   * KEYS run, in:to, lease, changes, then in:from for each from. ARGV id, to, reason, finished at, event, call, token or '', then each from.
   * The hash, nil, or -1 where the lease has another token.
   */
  move: `
    local run = redis.call('HMGET', KEYS[1], 'state', 'call', 'events')
    if not run[1] then return nil end
    if run[2] == ARGV[6] then return redis.call('HGETALL', KEYS[1]) end
    if ARGV[7] ~= '' and redis.call('HGET', KEYS[3], 'token') ~= ARGV[7] then return -1 end
    for i = 8, #ARGV do
      if ARGV[i] == run[1] then
        local events = string.sub(run[3], 1, -2) .. ',' .. ARGV[5] .. ']'
        redis.call('HSET', KEYS[1], 'state', ARGV[2], 'reason', ARGV[3], 'finishedAt', ARGV[4], 'call', ARGV[6], 'events', events)
        redis.call('SREM', KEYS[i - 3], ARGV[1])
        redis.call('SADD', KEYS[2], ARGV[1])
        redis.call('INCR', KEYS[4])
        return redis.call('HGETALL', KEYS[1])
      end
    end
    return nil`,

  /** KEYS run. ARGV field, value, … Nothing where there is no run. */
  set: `
    if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], unpack(ARGV)) end
    return 1`,

  /**
   * KEYS run, then hours of traffic. ARGV how long an hour is kept (s), counters, then for each counter: field, count; then for
   * each minute: place of its hour among KEYS, field, count. Nothing where there is no run.
   */
  addRequests: `${ADDING_REQUESTS}
    if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
    addRequests(1, 2)
    return 1`,

  /** KEYS in:state, … The ids of each, in one look: a run that moves meanwhile is in exactly one. */
  inStates: `
    local answer = {}
    for i = 1, #KEYS do answer[i] = redis.call('SMEMBERS', KEYS[i]) end
    return answer`,

  /**
   * KEYS run, rows, causes, lease, then for each group its outcome's mark and its code's (or the outcome's again). ARGV token or
   * '', groups, causes at the most, then for each group: outcome, cause, cause of the rest, message; then n, value, group or 0, …
   * Rows kept, -1 where there is no run, or -2 where the lease has another token.
   */
  stage: `${COUNTING}
    if redis.call('EXISTS', KEYS[1]) == 0 then return -1 end
    if ARGV[1] ~= '' and redis.call('HGET', KEYS[4], 'token') ~= ARGV[1] then return -2 end
    local fresh, counted, last = 0, {}, tonumber(redis.call('HGET', KEYS[1], '#end') or 0)
    for i = 4 + 4 * ARGV[2], #ARGV, 3 do
      if redis.call('HSETNX', KEYS[2], ARGV[i], ARGV[i + 1]) == 1 then
        fresh = fresh + 1
        mark(counted, tonumber(ARGV[i + 2]), ARGV[i])
        last = math.max(last, tonumber(ARGV[i]) + 1)
      end
    end
    if fresh > 0 then
      redis.call('HINCRBY', KEYS[1], '#rows', fresh)
      redis.call('HSET', KEYS[1], '#end', last)
    end
    count(counted)
    return fresh`,

  /**
   * KEYS as of stage (the lease is not looked at), then hours of traffic. ARGV as of stage, but the first is how many rows there are
   * and the value is how the row ended; then ARGV of addRequests, or nothing. Rows that had not ended before.
   */
  record: `${COUNTING}${ADDING_REQUESTS}
    local fresh, counted = 0, {}
    local rest = 4 + 4 * ARGV[2] + 3 * ARGV[1]
    for i = 4 + 4 * ARGV[2], rest - 1, 3 do
      local row = redis.call('HGET', KEYS[2], ARGV[i])
      if row and not string.find(row, '\\n', 1, true) then
        redis.call('HSET', KEYS[2], ARGV[i], row .. '\\n' .. ARGV[i + 1])
        fresh = fresh + 1
        mark(counted, tonumber(ARGV[i + 2]), ARGV[i])
      end
    end
    count(counted)
    if ARGV[rest] and redis.call('EXISTS', KEYS[1]) == 1 then addRequests(rest, 5 + 2 * ARGV[2]) end
    return fresh`,

  /** KEYS run, rows. ARGV from, limit. The positions without a result among the next \`limit\`, then where to go on, or -1. */
  outstanding: `
    local last = tonumber(redis.call('HGET', KEYS[1], '#end') or 0)
    local from = tonumber(ARGV[1])
    local stop = math.min(from + tonumber(ARGV[2]), last)
    local answer = {}
    for n = from, stop - 1 do
      local row = redis.call('HGET', KEYS[2], n)
      if row and not string.find(row, '\\n', 1, true) then answer[#answer + 1] = n end
    end
    answer[#answer + 1] = stop < last and stop or -1
    return answer`,

  /** KEYS run, streak. ARGV key. The count. */
  streak: `
    if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
    if redis.call('HGET', KEYS[2], 'key') == ARGV[1] then return redis.call('HINCRBY', KEYS[2], 'count', 1) end
    redis.call('HSET', KEYS[2], 'key', ARGV[1], 'count', 1)
    return 1`,

  /** KEYS runs, changes, in:state for each state, then what is to go. ARGV id, states. */
  remove: `
    redis.call('INCR', KEYS[2])
    redis.call('ZREM', KEYS[1], ARGV[1])
    for i = 3, 2 + ARGV[2] do redis.call('SREM', KEYS[i], ARGV[1]) end
    for i = 3 + ARGV[2], #KEYS do redis.call('UNLINK', KEYS[i]) end
    return 1`,

  /** KEYS lease, fences. ARGV owner, ttl. The token, or nil while somebody else holds it. */
  takeLease: `${READ_NOW}
    local lease = redis.call('HMGET', KEYS[1], 'owner', 'token', 'until')
    local mine = lease[1] == ARGV[1]
    if lease[1] and not mine and tonumber(lease[3]) > now then return nil end
    local token = mine and tonumber(lease[2]) or redis.call('INCR', KEYS[2])
    redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'token', token, 'until', now + ARGV[2])
    redis.call('PEXPIRE', KEYS[1], ARGV[2] + 3600000)
    return token`,

  /** KEYS lease. ARGV owner. */
  releaseLease: `
    if redis.call('HGET', KEYS[1], 'owner') == ARGV[1] then return redis.call('DEL', KEYS[1]) end
    return 0`,

  /** KEYS lease. The owner while its time has not run out. */
  leaseOwner: `${READ_NOW}
    local lease = redis.call('HMGET', KEYS[1], 'owner', 'until')
    if not lease[1] or tonumber(lease[2]) <= now then return nil end
    return lease[1]`,

  /** KEYS worker:ids, worker:infos. ARGV id, info, ttl. Those that died without a word go with it. */
  heartbeat: `${READ_NOW}
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
      redis.call('ZREM', KEYS[1], id)
      redis.call('HDEL', KEYS[2], id)
    end
    redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
    redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
    return 1`,

  /** KEYS worker:ids, worker:infos. The infos of those alive. */
  workers: `${READ_NOW}
    local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf')
    if #ids == 0 then return {} end
    return redis.call('HMGET', KEYS[2], unpack(ids))`,

  /** KEYS budget. See budget-scripts.ts. */
  exchangeBudget: READ_CLOCK + EXCHANGE,
  closeBudget: READ_CLOCK + CLOSE,
  lookAtBudget: READ_CLOCK + LOOK,
} as const;

export type ScriptName = keyof typeof SCRIPTS;
