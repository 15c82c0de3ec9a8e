// Package locust makes a load with the load generator Locust, in a container on
// the service's network, and returns the same engine.Result as the built-in
// driver.
//
// Locust's log says when something happens; its web page (statistics as CSV and
// JSON), which the agent fetches, says how much. What Locust does not measure
// stays unknown: requests in flight at the end, and the lateness of its users.
//
// The package knows nothing of plans, trials or verdicts.
package locust
