-- The body's file is in BODY. At the end what wrk measured is printed as JSON.
local file = assert(io.open(os.getenv("BODY")))
wrk.method = "POST"
wrk.body = file:read("*a")
wrk.headers["Content-Type"] = "application/json"
file:close()

function done(summary, latency)
  local e = summary.errors
  local function at(p) return latency:percentile(p) / 1e6 end
  io.write(string.format('\n{"p50":%.6f,"p99":%.6f,"p999":%.6f,"max":%.6f,"errors":%d}\n',
    at(50), at(99), at(99.9), latency.max / 1e6, e.connect + e.read + e.write + e.status + e.timeout))
end
