import { CLOSED_CODES } from "../../budget/exchange.ts";
import { TERMS } from "../../budget/ledger.ts";

/** Milliseconds of Redis's own clock, as `clock`. */
export const READ_CLOCK = `
    local time = redis.call('TIME')
    local clock = time[1] * 1000 + time[2] / 1000`;

/** The record is MessagePack, so that its numbers stay what they are. Numbers are answered as text: Redis would cut their fractions. */
const RECORD = `
    local function load()
      local packed = redis.call('GET', KEYS[1])
      if packed then
        local b = cmsgpack.unpack(packed)
        b.shiftMs = b.shiftMs or 0
        return b
      end
      return {
        seenAt = 0, shiftMs = 0, windowMs = 0, number = 0, nextFast = 0, nextEven = 0, fastUpTo = 0, fastUntil = 0,
        slowMs = 0, slowUntil = 0, adviser = 0, adviserKnows = 0, strangerRate = -1, strangerUntil = 0, closedUntil = 0,
        closedReason = 0, carefulUntil = 0, probe = 0, urgentUntil = 0, answered = {}, flying = {},
      }
    end
    local function mend(b, clock, heardAt, since)
      local shown = clock + b.shiftMs
      local back = math.max(0, b.seenAt - shown)
      if back <= ${TERMS.clockSlackMs} then back = 0 end
      if heardAt > 0 and b.seenAt > 0 then
        local ahead = shown - math.max(b.seenAt, heardAt + since)
        if ahead > ${TERMS.aheadSlackMs} + since / 1000 then back = -ahead end
      end
      b.shiftMs = b.shiftMs + back
      return back
    end
    -- Kept until nothing in it matters any more.
    local function save(b, now)
      local last = math.max(b.closedUntil, b.carefulUntil, b.strangerUntil, b.nextEven, now + 2 * b.windowMs + ${TERMS.flightMs})
      redis.call('SET', KEYS[1], cmsgpack.pack(b), 'PX', string.format('%d', math.ceil(last - now) + 1000))
    end
    local function text(number) return string.format('%.17g', number) end`;

/** What ledger.ts does, line by line. \`clock\` is set before. */
export const EXCHANGE = `${RECORD}
    local ask = {}
    for i = 1, 11 do ask[i] = tonumber(ARGV[i]) end
    local want, urgent, fastMs, evenMs, tolerance, adviser = ask[1], ask[2] == 1, ask[3], ask[4], ask[5], ask[6]
    local at = 12
    local function list(length)
      local l = {}
      for i = 1, length do l[i] = tonumber(ARGV[at]); at = at + 1 end
      return l
    end
    local rules, settled, returned = list(ask[9]), list(ask[10]), list(ask[11])
    local advice = list(#ARGV - at + 1)

    local b = load()
    local mended = mend(b, clock, ask[7], ask[8])
    local now = math.max(b.seenAt, clock + b.shiftMs)
    b.seenAt = now
    local longest = 0
    for i = 2, #rules, 2 do longest = math.max(longest, rules[i]) end
    b.windowMs = (#b.answered == 0 and #b.flying == 0) and longest or math.max(b.windowMs, longest)
    local width = b.windowMs / ${TERMS.buckets}

    local function startOf(t) return math.floor(t / width) * width end
    local function indexOf(l, stamp)
      local i = #l + 1
      while i > 1 and l[i - 2] >= stamp do i = i - 2 end
      return i
    end
    local function takeOut(l, stamp, count)
      local i = indexOf(l, stamp)
      if l[i] ~= stamp then return 0 end
      local taken = math.min(count, l[i + 1])
      if taken == l[i + 1] then table.remove(l, i); table.remove(l, i) else l[i + 1] = l[i + 1] - taken end
      return taken
    end
    local function putIn(l, stamp, count)
      local i = indexOf(l, stamp)
      if l[i] == stamp then l[i + 1] = l[i + 1] + count else table.insert(l, i, count); table.insert(l, i, stamp) end
    end
    local function stillCounted(l, after)
      if #l == 0 or l[1] > after then return l end
      local rest = {}
      for i = 1, #l, 2 do
        if l[i] > after then rest[#rest + 1] = l[i]; rest[#rest + 1] = l[i + 1] end
      end
      return rest
    end
    local function countOf(l)
      local sum = 0
      for i = 2, #l, 2 do sum = sum + l[i] end
      return sum
    end

    for i = 1, #returned, 2 do b.number = b.number - takeOut(b.flying, returned[i], returned[i + 1]) end
    for i = 1, #settled, 3 do
      takeOut(b.flying, settled[i], settled[i + 2])
      putIn(b.answered, startOf(now - settled[i + 1]), settled[i + 2])
    end
    b.answered = stillCounted(b.answered, now - width - b.windowMs)
    b.flying = stillCounted(b.flying, now - width - b.windowMs - ${TERMS.flightMs})

    if #advice > 0 then
      local knows, upTo, fastFor, slowMs, slowFor, stranger = unpack(advice)
      local leads = knows >= b.adviserKnows or b.adviser == adviser or b.fastUntil <= now
      if leads then b.adviser = adviser; b.adviserKnows = knows; b.fastUpTo = upTo; b.fastUntil = now + fastFor end
      if leads or slowMs > (b.slowUntil > now and b.slowMs or 0) then
        b.slowMs = slowMs; b.slowUntil = now + slowFor; b.nextEven = math.min(b.nextEven, now + math.max(evenMs, slowMs))
      end
      if stranger >= 0 then b.strangerRate = stranger; b.strangerUntil = now + ${TERMS.strangerMs} end
    end

    local room, roomIn, used = math.huge, 0, 0
    for r = 1, #rules, 2 do
      local limit, window = rules[r], rules[r + 1]
      local counts, sum = now - width - window, 0
      for i = 1, #b.answered, 2 do if b.answered[i] > counts then sum = sum + b.answered[i + 1] end end
      for i = 1, #b.flying, 2 do if b.flying[i] > counts - ${TERMS.flightMs} then sum = sum + b.flying[i + 1] end end
      local function fallOut(count)
        local fallen = 0
        for i = 1, #b.answered, 2 do
          if b.answered[i] > counts then
            fallen = fallen + b.answered[i + 1]
            if fallen >= count then return b.answered[i] - counts end
          end
        end
        return window
      end
      local kept = urgent and 0 or math.floor(limit * ${TERMS.keptShare})
      local relief = fallOut(kept)
      local keptNow = math.max(math.ceil(kept * math.min(1, relief / window)),
        relief > ${TERMS.keptSoonMs} and math.min(kept, ${TERMS.keptLeast}) or 0)
      local left = limit - sum - keptNow
      if r == 1 then used = sum end
      room = math.min(room, left)
      roomIn = math.max(roomIn, math.min(left > 0 and 0 or fallOut(1 - left), window / 100))
    end

    local function fastLeft()
      if fastMs == 0 or b.carefulUntil > now or b.fastUntil <= now then return 0 end
      return math.max(0, math.floor(b.fastUpTo - b.number))
    end
    local function due(next, every, late)
      local first = math.max(next, now - late)
      if first > now then return 0 end
      return math.floor((now - first) / every) + 1
    end
    local heedsSlow = not urgent or (b.strangerUntil > now and b.strangerRate > 0)
    local slow = math.max(evenMs, b.slowUntil > now and b.slowMs or 0)
    local pace = heedsSlow and slow or evenMs
    local nextEven = b.nextEven - (slow - pace)
    local isOpen = b.closedUntil <= now
    local standsBack = not urgent and b.urgentUntil > now
    local granted = 0
    if want > 0 and isOpen and not standsBack and room > 0 then
      local most = math.min(want, b.probe == 1 and 1 or room)
      local fast = math.min(most, fastLeft())
      if fast > 0 then fast = math.min(fast, due(b.nextFast, fastMs, ${TERMS.fastToleranceMs})) end
      if fast > 0 then b.nextFast = math.max(b.nextFast, now - ${TERMS.fastToleranceMs}) + fast * fastMs end
      local even = math.min(most - fast, due(nextEven, pace, tolerance))
      if even > 0 then b.nextEven = math.max(nextEven, now - tolerance) + even * pace + (slow - pace) end
      granted = fast + even
    end
    if granted > 0 then
      if b.probe == 1 then
        b.probe = 0
        b.nextEven = now + math.max(pace, ${TERMS.probeMs})
      end
      b.number = b.number + granted
      putIn(b.flying, startOf(now), granted)
    end
    local retryIn = 0
    if granted < want then
      local nextOne = b.nextEven - (slow - pace)
      local next = fastLeft() > 0 and math.min(b.nextFast, nextOne) or nextOne
      retryIn = math.max(${TERMS.shortestRetryMs}, math.min(next - now, math.max(evenMs, ${TERMS.askAgainMs})),
        b.closedUntil - now, room > granted and 0 or roomIn, standsBack and b.urgentUntil - now or 0)
    end
    if urgent and isOpen then
      b.urgentUntil = granted < want and now + math.min(retryIn, ${TERMS.longestUrgentMs}) + ${TERMS.urgentMs} or 0
    end
    save(b, now)
    return {
      text(granted), text(startOf(now)), text(b.number), text(countOf(b.flying)), text(used + granted), text(retryIn),
      text(math.max(0, b.closedUntil - now)), text(pace),
      text(b.strangerUntil > now and b.strangerRate or -1), text(mended), text(now),
    }`;

/** ARGV milliseconds to be closed for, reason (CLOSED_CODES). */
export const CLOSE = `${RECORD}
    local b = load()
    mend(b, clock, 0, 0)
    local now = math.max(b.seenAt, clock + b.shiftMs)
    b.seenAt = now
    local reason = tonumber(ARGV[2])
    if now + ARGV[1] >= b.closedUntil then b.closedUntil = now + ARGV[1]; b.closedReason = reason end
    b.fastUntil = now
    if reason == ${CLOSED_CODES.throttled} then b.carefulUntil = now + ${TERMS.carefulMs}; b.probe = 1 end
    save(b, now)
    return 1`;

/** The time, then field and value of each, where lists are numbers with spaces between. Empty where there is none. */
export const LOOK = `${RECORD}
    if redis.call('EXISTS', KEYS[1]) == 0 then return {} end
    local b = load()
    local answer = {text(clock + b.shiftMs)}
    for field, value in pairs(b) do
      answer[#answer + 1] = field
      if type(value) == 'table' then
        local numbers = {}
        for i = 1, #value do numbers[i] = text(value[i]) end
        value = table.concat(numbers, ' ')
      else
        value = text(value)
      end
      answer[#answer + 1] = value
    end
    return answer`;
