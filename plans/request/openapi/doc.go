// Package openapi reads OpenAPI documents of version 2 and 3: it follows references,
// makes values of schemas, and finds the operation that looks most like a prediction.
// It knows nothing of the requests of users that are made of it.
package openapi
