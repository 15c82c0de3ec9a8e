import http from 'k6/http';
import { check, sleep, group } from 'k6';

const BASE_URL = __ENV.BASE_URL || 'http://localhost:8000';
const payload = JSON.stringify({ inputs: [[5.1, 3.5, 1.4, -0.2]], note: "it's" });
const params = { headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${__ENV.TOKEN}` }, timeout: '5s', tags: { name: 'ask' } };

export const options = {
  stages: [
    { duration: '30s', target: 20 },
    { duration: '1m', target: 0 },
  ],
  thresholds: { http_req_duration: ['p(95)<500', 'avg<200'], http_req_failed: ['rate<0.01'] },
  userAgent: 'x',
};

export function setup() {
  http.post(`${BASE_URL}/login`, {});
}

export default function () {
  const res = http.post(`${BASE_URL}/predict`, payload, params);
  check(res, { 'status is 200': (r) => r.status === 200, 'has it': (r) => r.json().predictions !== undefined });
  group('health', () => {
    check(http.get(BASE_URL + '/health'), { ok: (r) => r.status == 204 });
  });
  http.post(`${BASE_URL}/predict`, JSON.stringify({ n: Math.random() }));
  if (Math.random() < 0.5) http.del(`${BASE_URL}/items/1`);
  sleep(1);
  sleep(Math.random() * 3);
}
