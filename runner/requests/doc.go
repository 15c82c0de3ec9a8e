// Package requests is what the runner itself asks a service, beside a load: one of
// each request before it, to every process of every replica, and once more after
// it. It knows nothing of trials or verdicts.
package requests
