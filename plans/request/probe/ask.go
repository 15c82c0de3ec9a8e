// Package probe asks a running API for its requests, and sends one of them.
package probe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"plan/plans/request"
)

// Fetch requests a path of an API, by GET or POST, and returns its response of any status.
// json is the body of the request; "" for none.
type Fetch func(ctx context.Context, method, path, json string) (status int, body []byte, err error)

// API is an API that runs.
type API struct {
	Fetch Fetch
	Log   func(context.Context) []string // its last lines; nil where they are not known
}

// getFunc requests a path, and returns its response of any status. A POST has an empty object as its body.
type getFunc func(method, path string) (status int, body []byte, err error)

// longestFetch is how long an API may take for one response, which may be a stream without
// an end.
const longestFetch = 10 * time.Second

// documents are where frameworks put their OpenAPI document, the most usual places first.
var documents = []string{
	"/openapi.json",         // FastAPI, APIFlask, connexion, and many others
	"/swagger.json",         // Flask-RESTX
	"/v3/api-docs",          // springdoc
	"/docs.json",            // BentoML
	"/apispec_1.json",       // flasgger
	"/openapi/openapi.json", // flask-openapi3
	"/apidoc/openapi.json",  // SpecTree
	"/schema/openapi.json",  // Litestar
	"/docs/openapi.json",    // Sanic
	"/api/openapi.json",     // Django Ninja
	"/v1/openapi.json",
	"/api/v1/openapi.json",
	"/api-doc/openapi.json", // utoipa
	"/api-json",             // NestJS
	"/swagger/v1/swagger.json",
	"/openapi/v1.json", // ASP.NET
	"/swagger/doc.json",
}

// pages are where frameworks put a page of documentation that names its document.
var pages = []string{"/docs", "/redoc", "/apidocs/", "/api/docs", "/ui/", "/"}

// documentURL is the address of the document on a page of documentation.
var documentURL = regexp.MustCompile(`(?:url|spec-url)\s*[:=]\s*["']([^"'\s]+\.json)["']`)

// documentOn returns the path of the document that a page names; "" where it names none of its own server.
func documentOn(page string, body []byte) string {
	found := documentURL.FindSubmatch(body)
	if found == nil {
		return ""
	}
	at, err := url.Parse(page)
	if err != nil {
		return ""
	}
	named, err := at.Parse(string(found[1]))
	if err != nil || named.Host != "" {
		return ""
	}
	return named.RequestURI()
}

// Ask asks a running API what it answers, without knowing it: an OpenAPI document,
// also where a page of documentation names it, then the model servers KServe (V2 Inference
// Protocol) and MLflow. It sends the request that it finds once. The error is that of
// Fetch, or says what was asked.
func Ask(ctx context.Context, api API) (*request.Source, error) {
	send := func(method, path, json string) (status int, body []byte, err error) {
		ctx, cancel := context.WithTimeout(ctx, longestFetch)
		defer cancel()
		if status, body, err = api.Fetch(ctx, method, path, json); errors.Is(ctx.Err(), context.DeadlineExceeded) {
			err = fmt.Errorf("%s %s got no complete response within %s", method, path, longestFetch)
		}
		return status, body, err
	}
	post := func(path, body string) (int, []byte, error) { return send("POST", path, body) }
	try := func(s *request.Source) { sendOnce(ctx, s, post, api.Log) }
	type response struct {
		status int
		body   []byte
	}
	known := map[string]response{} // of what was asked by GET
	get := func(method, path string) (int, []byte, error) {
		if method == "POST" {
			return post(path, "{}")
		}
		if r, is := known[path]; is {
			return r.status, r.body, nil
		}
		status, body, err := send(method, path, "")
		if err == nil {
			known[path] = response{status, body}
		}
		return status, body, err
	}
	paths := slices.Clone(documents)
	for _, page := range pages {
		status, body, err := get("GET", page)
		if err != nil {
			return nil, err
		}
		if named := documentOn(page, body); status == 200 && named != "" {
			paths = append([]string{named}, slices.DeleteFunc(paths, func(path string) bool { return path == named })...)
			break
		}
	}
	var document *request.Source
	var broken error // a document that the API cannot make
	for _, path := range paths {
		status, body, err := get("GET", path)
		if err != nil {
			return nil, err
		}
		if status >= 500 && broken == nil {
			broken = fmt.Errorf("the API cannot make its description: GET %s responded with status %d", path, status)
		}
		if status == 200 && request.KindOf(path, body) == request.OpenAPI {
			if document, err = request.Read(path, body, request.OpenAPI); err == nil {
				break
			}
		}
	}
	servers := []func(getFunc) (*request.Source, error){kserve, mlflow}
	if document != nil {
		try(document)
		if bare := document.WithoutBase(); bare != nil && document.Status == http.StatusNotFound {
			if try(bare); bare.Status != http.StatusNotFound {
				document = bare
			}
		}
		if document.Requests[0].Body != nil {
			if document.Status != http.StatusNotFound {
				return document, nil
			}
			servers = servers[:1] // whose document has the name of a model as a parameter
		}
	}
	var failed error // of fetch
	ask := func(method, path string) (status int, body []byte, err error) {
		status, body, failed = get(method, path)
		return status, body, failed
	}
	var unclear error // what the first server that was recognised does not say
	for _, server := range servers {
		s, err := server(ask)
		if failed != nil {
			return nil, failed
		}
		if s != nil {
			try(s)
			return s, nil
		}
		unclear = cmp.Or(unclear, err)
	}
	if document != nil {
		if unclear != nil {
			document.Note("%v", unclear)
		}
		return document, nil
	}
	if s, err := page(get); s != nil || err != nil {
		return s, err
	}
	posts, err := takesPost(get)
	if err != nil {
		return nil, err
	}
	if unclear = cmp.Or(broken, unclear, posts); unclear != nil {
		return nil, unclear
	}
	return nil, fmt.Errorf("no response of the API to %s and %d other usual paths describes its requests",
		strings.Join(documents[:3], ", "), len(documents)+len(pages)-3)
}

// page is the request of the form on the first page of a server.
func page(get getFunc) (*request.Source, error) {
	status, body, err := get("GET", "/")
	if err != nil || status != 200 {
		return nil, err
	}
	return formOf(body, "/"), nil
}

// usualPaths are those of predictions.
var usualPaths = []string{"/predict", "/api/predict", "/prediction", "/infer", "/classify", "/score"}

// takesPost looks for a usual path that takes only POST. unclear says what is not known of it.
func takesPost(get getFunc) (unclear, err error) {
	for _, path := range usualPaths {
		status, _, err := get("GET", path)
		if err != nil {
			return nil, err
		}
		if status == 405 {
			return fmt.Errorf("the API takes POST %s, but does not say with which body", path), nil
		}
	}
	return nil, nil
}
