// Package answer makes the answer of a search out of its trials: what the strategy
// learns from each, what they prove together, what is recommended, and how much
// an answer is corrected by. It is pure, and knows nothing of how trials are run.
package answer
