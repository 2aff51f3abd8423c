"""So many requests in so much time, for each who is counted: a bucket that refills evenly, and may be emptied at once.

What is kept of a bucket is the moment at which it will be full again (the generic cell rate algorithm of ITU-T I.371).
All buckets of a request are asked together, and one that is empty takes nothing from the others.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

#: Microseconds by which sums of fractions may be off.
SLACK_US = 0.5


class Quota(NamedTuple):
    """`name`: of the policy. `key`: whose bucket. `amount` in `window_s` seconds; it is at least 1."""

    name: str
    key: str
    amount: int
    window_s: int


class Standing(NamedTuple):
    """How a bucket stands after a request. `wait_s`: until it holds one more; 0 where it is full."""

    remaining: int
    wait_s: float


class Taken(NamedTuple):
    """`is_refused`: a bucket was empty, and nothing was taken from any. `standings`: in the order of the quotas."""

    is_refused: bool
    standings: list[Standing]


def take(full_at: Sequence[float], quotas: Sequence[Quota], now_us: float) -> tuple[Taken, list[float]]:
    """One of each bucket, or none. `full_at`: when each would be full, in microseconds; returned as they are then."""
    full_at = [max(at, now_us) for at in full_at]
    steps = [quota.window_s * 1e6 / quota.amount for quota in quotas]
    is_refused = any(
        at + step - now_us > quota.window_s * 1e6 + SLACK_US
        for at, step, quota in zip(full_at, steps, quotas, strict=True)
    )
    if not is_refused:
        full_at = [at + step for at, step in zip(full_at, steps, strict=True)]
    standings = [
        _standing(quota.window_s * 1e6 - (at - now_us), step, quota.amount)
        for at, step, quota in zip(full_at, steps, quotas, strict=True)
    ]
    return Taken(is_refused, standings), full_at


def _standing(free_us: float, step_us: float, amount: int) -> Standing:
    remaining = max(0, math.floor((free_us + SLACK_US) / step_us))
    return Standing(remaining, 0.0 if remaining >= amount else (step_us - free_us % step_us) / 1e6)


#: The same in Redis, as one step for all processes, by its own clock. Times are written as whole numbers: Lua's own
#: way would round them. Answers `refused`, then `remaining` and `wait` (microseconds) of each.
LUA = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local kept = redis.call('MGET', unpack(KEYS))
local full, refused = {}, 0
for i = 1, #KEYS do
  local window = tonumber(ARGV[2 * i])
  full[i] = math.max(tonumber(kept[i] or '0'), now)
  if full[i] + window / ARGV[2 * i - 1] - now > window + 0.5 then refused = 1 end
end
local answer = {refused}
for i = 1, #KEYS do
  local amount, window = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local step = window / amount
  if refused == 0 then
    full[i] = full[i] + step
    redis.call('SET', KEYS[i], string.format('%.3f', full[i]), 'PX', math.ceil((full[i] - now) / 1000) + 1)
  end
  local free = window - (full[i] - now)
  local remaining = math.max(0, math.floor((free + 0.5) / step))
  answer[2 * i] = remaining
  answer[2 * i + 1] = remaining >= amount and 0 or math.ceil(step - free % step)
end
return answer
"""


def answered(answer: Sequence[int]) -> Taken:
    """What the script in Redis says."""
    pairs = zip(answer[1::2], answer[2::2], strict=True)
    return Taken(bool(answer[0]), [Standing(int(remaining), wait / 1e6) for remaining, wait in pairs])
