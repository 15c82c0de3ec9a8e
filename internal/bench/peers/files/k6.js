// MODEL: closed, thinking or open. At the end what k6 measured is printed as JSON.
import http from 'k6/http';
import { sleep } from 'k6';

const { MODEL, URL, BODY, USERS, MOST, RATE, RUNTIME } = __ENV;
const body = open(BODY);
const params = { headers: { 'Content-Type': 'application/json' } };

const scenario = MODEL === 'open'
  ? { executor: 'constant-arrival-rate', rate: Number(RATE), timeUnit: '1s', duration: RUNTIME, preAllocatedVUs: Number(USERS), maxVUs: Number(MOST) }
  : { executor: 'constant-vus', vus: Number(USERS), duration: RUNTIME };

export const options = { scenarios: { load: scenario }, summaryTrendStats: ['med', 'p(99)', 'p(99.9)', 'max'] };

export default function () {
  http.post(URL, body, params);
  if (MODEL === 'thinking') sleep(1);
}

export function handleSummary({ metrics }) {
  const latency = metrics.http_req_duration.values;
  const count = (name, key) => (metrics[name] ? metrics[name].values[key] : 0);
  return {
    stdout: `${JSON.stringify({
      p50: latency.med / 1e3, p99: latency['p(99)'] / 1e3, p999: latency['p(99.9)'] / 1e3, max: latency.max / 1e3,
      errors: count('http_req_failed', 'passes'), dropped: count('dropped_iterations', 'count'),
    })}\n`,
  };
}
