// Package javascript computes what expressions of a script are, as far as that is known
// without running it. It knows nothing of what the functions of a script do.
package javascript
