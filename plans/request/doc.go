// Package request reads the requests of users from what people have of them: an
// OpenAPI document, curl command lines, a HAR file, a k6 script. It writes them as
// a scenario of a plan, and lists what it left out.
//
// It runs and sends nothing, and knows the plan language only as text. The value of a
// secret is never in the text; a variable without a value takes its place.
package request
