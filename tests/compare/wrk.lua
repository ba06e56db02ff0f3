-- For wrk (https://github.com/wg/wrk): prints what it found as one line of JSON, and, when told
-- to, asks for numbered files instead of the one in the URL.
--
--   wrk -s wrk.lua URL                                      the one file
--   wrk -s wrk.lua URL -- cycle PATTERN COUNT [FIRST [NTH]] PATTERN is for string.format: /%05d.bin
--   wrk -s wrk.lua URL -- random PATTERN COUNT
--
-- cycle takes the files in turn, beginning with number FIRST. With NTH only each NTH request asks
-- for a numbered file, and the others for the one in the URL.

local function numbered_requests(pattern, count)
    local list = {}
    for number = 0, count - 1 do
        list[number] = wrk.format("GET", string.format(pattern, number))
    end
    return list
end

local function in_turn(list, count, first, nth)
    local plain, number, asked = wrk.format("GET"), first, 0
    return function()
        asked = asked + 1
        if asked % nth ~= 0 then
            return plain
        end
        number = (number + 1) % count
        return list[number]
    end
end

local function at_random(list, count)
    math.randomseed(1) -- the same for every server
    return function()
        return list[math.random(0, count - 1)]
    end
end

-- wrk calls request() for each request only if there is one by the end of init().
function init(args)
    local order, pattern, count = args[1], args[2], tonumber(args[3])
    if order == "cycle" then
        local first, nth = tonumber(args[4] or "0"), tonumber(args[5] or "1")
        request = in_turn(numbered_requests(pattern, count), count, first, nth)
    elseif order == "random" then
        request = at_random(numbered_requests(pattern, count), count)
    end
end

function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        'RESULT {"requests": %d, "bytes": %d, "duration_us": %d, "failed": %d, ' ..
        '"p50_us": %d, "p90_us": %d, "p99_us": %d, "max_us": %d}\n',
        summary.requests, summary.bytes, summary.duration,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout,
        latency:percentile(50), latency:percentile(90), latency:percentile(99), latency.max))
end
