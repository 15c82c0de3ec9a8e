import http from 'k6/http';
export let options = {
  scenarios: { steady: { executor: 'constant-arrival-rate', rate: 120, timeUnit: '1m', duration: '2m', preAllocatedVUs: 50 } },
};
export default () => { http.request('PATCH', 'http://localhost:8000/x', { a: '1', b: 2 }); };
