/**
 * The steps of schedules in Redis, as Lua.
 *
 * - `bulkpatch:schedules`         set of names
 * - `bulkpatch:schedule:<name>`   hash: version, document, call (of the call that wrote it last)
 * - `bulkpatch:occasions:<name>`  hash, due time → state LF version LF account LF document
 * - `bulkpatch:due:<name>`        sorted set of due times
 * - `bulkpatch:reconciling`       hash, account → name LF due time of its running occasion
 * - `bulkpatch:known:<name>`      hash, entry id → document
 */
export const SCHEDULE_SCRIPTS = {
  /** KEYS schedule, schedules, changes. ARGV name, document, call. 1, or 0 when there is such a schedule. */
  scheduleCreate: `
    if redis.call('EXISTS', KEYS[1]) == 1 then
      return redis.call('HGET', KEYS[1], 'call') == ARGV[3] and 1 or 0
    end
    redis.call('HSET', KEYS[1], 'version', 1, 'document', ARGV[2], 'call', ARGV[3])
    redis.call('SADD', KEYS[2], ARGV[1])
    redis.call('INCR', KEYS[3])
    return 1`,

  /**
   * KEYS schedule, occasions, due, reconciling, changes. ARGV name, version, call, document, account, then of the occasion that changes
   * due time or '', version, state, document, then due time, state, document of each new one. done, changed or busy.
   */
  scheduleStep: `
    local kept = redis.call('HMGET', KEYS[1], 'version', 'call')
    if kept[2] == ARGV[3] then return 'done' end
    if kept[1] ~= ARGV[2] then return 'changed' end
    local account, changing = ARGV[5], ARGV[6]
    if changing ~= '' then
      local occasion = redis.call('HGET', KEYS[2], changing)
      if not occasion or string.match(occasion, '^[^\\n]*\\n([^\\n]*)') ~= ARGV[7] then return 'changed' end
    end
    for i = 10, #ARGV, 3 do
      if ARGV[i + 1] == 'running' then
        if redis.call('HEXISTS', KEYS[4], account) == 1 then return 'busy' end
        if redis.call('HEXISTS', KEYS[2], ARGV[i]) == 1 then return 'changed' end
      end
    end
    local function keep(due, state, version, document)
      redis.call('HSET', KEYS[2], due, table.concat({state, version, account, document}, '\\n'))
      redis.call('ZADD', KEYS[3], due, due)
      local mine = ARGV[1] .. '\\n' .. due
      if state == 'running' then redis.call('HSET', KEYS[4], account, mine)
      elseif redis.call('HGET', KEYS[4], account) == mine then redis.call('HDEL', KEYS[4], account) end
    end
    if changing ~= '' then keep(changing, ARGV[8], tostring(tonumber(ARGV[7]) + 1), ARGV[9]) end
    for i = 10, #ARGV, 3 do
      if redis.call('HEXISTS', KEYS[2], ARGV[i]) == 0 then keep(ARGV[i], ARGV[i + 1], '1', ARGV[i + 2]) end
    end
    redis.call('HSET', KEYS[1], 'version', tonumber(ARGV[2]) + 1, 'document', ARGV[4], 'call', ARGV[3])
    redis.call('INCR', KEYS[5])
    return 'done'`,

  /** KEYS schedule, occasions, due, known, schedules, reconciling, changes. ARGV name. 1, or 0 when there was none. */
  scheduleRemove: `
    local running = redis.call('HGETALL', KEYS[6])
    for i = 1, #running, 2 do
      if string.match(running[i + 1], '^([^\\n]*)') == ARGV[1] then redis.call('HDEL', KEYS[6], running[i]) end
    end
    redis.call('DEL', KEYS[1], KEYS[2], KEYS[3], KEYS[4])
    redis.call('INCR', KEYS[7])
    return redis.call('SREM', KEYS[5], ARGV[1])`,

  /** KEYS occasions, due. ARGV time. How many were removed. */
  occasionsRemove: `
    local removed = 0
    for _, due in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', '(' .. ARGV[1])) do
      if string.match(redis.call('HGET', KEYS[1], due), '^([^\\n]*)') ~= 'running' then
        redis.call('HDEL', KEYS[1], due)
        redis.call('ZREM', KEYS[2], due)
        removed = removed + 1
      end
    end
    return removed`,

  /** KEYS schedule, known. ARGV entry id, document or '', … Nothing where there is no schedule. */
  entriesKeep: `
    if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
    for i = 1, #ARGV, 2 do
      if ARGV[i + 1] == '' then redis.call('HDEL', KEYS[2], ARGV[i]) else redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
    end
    return 1`,
} as const;
