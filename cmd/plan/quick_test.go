package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"

	"plan/plans/request"
	"plan/quick"
)

// TestQuickScripts runs plan quick as a person does: with an engine that has images and
// runs nothing, and an API that does not say what it takes, or only to those who have its
// password. The command loaded waits until it has had a request to a path that it says.
func TestQuickScripts(t *testing.T) {
	loaded := make(chan struct{}, 1)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/quick",
		Setup: func(env *testscript.Env) error {
			listener, err := net.Listen("unix", env.WorkDir+"/engine.sock")
			if err != nil {
				return err
			}
			engine := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/build") && strings.Contains(r.URL.Query().Get("t"), "slow") {
					loaded <- struct{}{}
					_, _ = io.Copy(io.Discard, r.Body)
					<-r.Context().Done() // a build that takes long
					return
				}
				serveImages(w, r)
			})}
			go engine.Serve(listener) // its error is that of Close
			silent := httptest.NewServer(silentAPI(loaded))
			env.Defer(func() { engine.Close(); silent.Close() })
			env.Setenv("API", silent.URL)
			env.Setenv("HOSTPORT", strings.TrimPrefix(silent.URL, "http://"))
			env.Setenv("DOCKER_HOST", "unix://"+env.WorkDir+"/engine.sock")
			env.Setenv("DOCKER_CONFIG", env.WorkDir+"/no-docker-config")
			env.Setenv("GORACE", endAtOnce)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"loaded": func(ts *testscript.TestScript, _ bool, _ []string) {
				select {
				case <-loaded:
				case <-time.After(time.Minute):
					ts.Fatalf("nothing was requested")
				}
			},
		},
	})
}

// silentAPI says what it takes only with a password.
func silentAPI(loaded chan<- struct{}) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		switch {
		case password != "s3cretword":
			w.WriteHeader(http.StatusNotFound)
		case r.URL.Path == "/openapi.json":
			fmt.Fprint(w, `{"openapi":"3.0.0","paths":{"/predict":{"get":{"responses":{"200":{}}}}}}`)
		case r.URL.Path == "/predict":
			select {
			case loaded <- struct{}{}:
			default:
			}
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	})
}

// TestAGuessDoesNotReplaceALocustfile: what the users of a locustfile do is known better than what a document suggests.
func TestAGuessDoesNotReplaceALocustfile(t *testing.T) {
	for name, c := range map[string]struct {
		driven bool
		guess  string
		body   string
		want   string // requests; "" those of the locustfile
	}{
		"a guess": {true, "made from its schema", "", ""}, "known": {true, "", "", "POST /predict"},
		"a guess without a locustfile": {false, "made from its schema", "", "POST /predict"},
		"a guess with a body":          {true, "made from its schema", "[1]", "POST /predict"},
	} {
		q := &quickRun{env: environment{stderr: io.Discard}, prediction: quick.Prediction{JSON: c.body}}
		requests, err := q.requests(c.driven, func() (*request.Source, error, error) {
			return &request.Source{Guess: c.guess, Requests: []request.Request{{Method: "POST", Path: "/predict",
				Body: &request.Body{Text: "{}"}}}}, nil, nil
		})
		got := ""
		if requests != nil {
			got = requests.Requests[0].Method + " " + requests.Requests[0].Path
		}
		if err != nil || got != c.want {
			t.Errorf("%s: %q (%v), want %q", name, got, err, c.want)
		}
	}
}

// TestWhichRequestsAProbeReplaces: plan init keeps a locustfile where plan quick does, and prints what it keeps.
func TestWhichRequestsAProbeReplaces(t *testing.T) {
	guess, known := &request.Source{From: "/docs", Guess: "made from its schema"}, &request.Source{From: "/docs"}
	refused := &request.Source{From: "/docs", Refused: "status 500"}
	silent := errors.New("it says nothing")
	for name, c := range map[string]struct {
		driven  bool
		found   *request.Source
		unknown error
		want    string
	}{
		"a guess":                      {false, guess, nil, ""},
		"known":                        {false, known, nil, ""},
		"nothing":                      {false, nil, silent, "a guess: it says nothing"},
		"a guess beside a locustfile":  {true, guess, nil, "those of the locustfile: those of /docs are a guess"},
		"known, and there is a file":   {true, known, nil, ""},
		"not answered":                 {false, refused, nil, ""},
		"not answered, beside a file":  {true, refused, nil, "those of the locustfile: the API does not answer those of /docs: status 500"},
		"nothing, and there is a file": {true, nil, silent, "those of the locustfile: it says nothing"},
	} {
		if got := requestsStay(c.driven, c.found, c.unknown); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestAPlanThatIsEditedMeanwhileStays: a build and a probe take minutes.
func TestAPlanThatIsEditedMeanwhileStays(t *testing.T) {
	for text, c := range map[string]struct {
		force, written bool
	}{
		"":                              {false, true},
		string(quick.Sign([]byte("a"))): {false, true},
		"# mine":                        {false, false},
		"# mine, and written over":      {true, true},
	} {
		file := filepath.Join(t.TempDir(), "quick-api.hcl")
		if text != "" {
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cmd := &cobra.Command{}
		cmd.Flags().Bool("force", c.force, "")
		q := &quickRun{cmd: cmd, env: environment{stderr: io.Discard}}
		err := q.write(file, []byte("b"))
		got, _ := os.ReadFile(file)
		if written := string(got) == string(quick.Sign([]byte("b"))); written != c.written || (err == nil) != c.written ||
			!written && string(got) != text {
			t.Errorf("%q: %q (%v)", text, got, err)
		}
	}
}

// TestABodyNeedsItsRequest: a body does not go to a request that was found and has none.
func TestABodyNeedsItsRequest(t *testing.T) {
	q := &quickRun{env: environment{stderr: io.Discard}, prediction: quick.Prediction{JSON: "[1]"}}
	_, err := q.requests(false, func() (*request.Source, error, error) {
		return &request.Source{From: "/openapi.json", Requests: []request.Request{{Method: "GET", Path: "/health"}}}, nil, nil
	})
	const want = "the request is not known: name it with --path and --json, or --curl (GET /health, from /openapi.json, has " +
		"no body)"
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestARequestThatTheAPIDoesNotAnswer: it is not run, unless another body is given or a locustfile has what users do. A
// body does not help where the path or the key is wrong.
func TestARequestThatTheAPIDoesNotAnswer(t *testing.T) {
	const (
		body = "the body of the request is not known: name it with --json, or the request with --curl (POST /predict, from /docs, got status %d)"
		key  = "the API requires a key: name the request with it, --curl \"-H 'NAME: KEY' http://api/predict ...\" (POST /predict, from /docs, got status %d)"
		path = "the request is not known: name it with --path and --json, or --curl (POST /predict, from /docs, got status %d)"
	)
	for name, c := range map[string]struct {
		status int
		driven bool
		body   string
		want   string // error; "" for none
	}{
		"no body":               {500, false, "", body},
		"a body":                {500, false, "[1]", ""},
		"a locustfile":          {500, true, "", ""},
		"wrong values":          {422, false, "", body},
		"a key":                 {401, false, "", key},
		"a key beside the body": {403, false, "[1]", key},
		"another path":          {404, false, "", path},
		"a body elsewhere":      {404, false, "[1]", path},
		"another method":        {405, false, "", path},
		"a locustfile, no path": {404, true, "", ""},
	} {
		q := &quickRun{env: environment{stderr: io.Discard}, prediction: quick.Prediction{JSON: c.body}}
		_, err := q.requests(c.driven, func() (*request.Source, error, error) {
			return &request.Source{From: "/docs", Refused: fmt.Sprint("status ", c.status), Status: c.status, Requests: []request.Request{{Method: "POST",
				Path: "/predict", Body: &request.Body{JSON: map[string]any{}}}}}, nil, nil
		})
		want := strings.ReplaceAll(c.want, "%d", fmt.Sprint(c.status))
		if (err != nil) != (want != "") || err != nil && err.Error() != want {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

// TestABodyThatTheDocumentDoesNotDescribe: the one that is given is sent, also as a file.
func TestABodyThatTheDocumentDoesNotDescribe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "body.json")
	if err := os.WriteFile(file, []byte("[2]"), 0o600); err != nil {
		t.Fatal(err)
	}
	for given, want := range map[string]any{"[1]": json.Number("1"), "@" + file: json.Number("2")} {
		q := &quickRun{env: environment{stderr: io.Discard}, prediction: quick.Prediction{JSON: given}}
		s, err := q.requests(false, func() (*request.Source, error, error) {
			return &request.Source{From: "/docs", Refused: "status 422", Status: 422, Undescribed: true,
				Requests: []request.Request{{Method: "POST", Path: "/predict"}}}, nil, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		r := s.Requests[0]
		if list, _ := r.Body.JSON.([]any); len(list) != 1 || list[0] != want || r.Path != "/predict" || s.Refused != "" {
			t.Errorf("%s: %+v, %q", given, r, s.Refused)
		}
	}
}

// TestABodyNeedsARequest: a body without a path is not dropped where Locust sends the load.
func TestABodyNeedsARequest(t *testing.T) {
	for body, want := range map[string]string{
		"": "", `{"x": 1}`: "--json has no effect on the requests of the locustfile: name the path of the body with --path, " +
			"or leave --json out (it says nothing)",
	} {
		q := &quickRun{env: environment{stderr: io.Discard}, prediction: quick.Prediction{JSON: body}}
		requests, err := q.requests(true, func() (*request.Source, error, error) {
			return nil, errors.New("it says nothing"), nil
		})
		if requests != nil || (err != nil) != (want != "") || err != nil && err.Error() != want {
			t.Errorf("%q: %v, %v", body, requests, err)
		}
	}
}

// imageConfigs are what the images of the engine of these tests say of themselves.
var imageConfigs = map[string]string{
	"none": "{}", "two": `{"ExposedPorts":{"80/tcp":{},"8000/tcp":{},"53/udp":{}}}`, "one": `{"ExposedPorts":{"8000/tcp":{}}}`,
	"named": `{"ExposedPorts":{"53/udp":{}},"Env":["PORT=8081"],"Cmd":["/bin/sh","-c","uvicorn app:app --port ${PORT:-80}"]}`,
}

// serveImages answers what plan quick asks an engine before it runs anything.
func serveImages(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Api-Version", "1.41")
	w.Header().Set("Content-Type", "application/json")
	path := r.URL.Path
	if strings.HasPrefix(path, "/v1.") {
		_, path, _ = strings.Cut(path[1:], "/")
		path = "/" + path
	}
	name, ofImage := strings.CutPrefix(path, "/images/")
	name, inspected := strings.CutSuffix(name, "/json")
	switch config, known := imageConfigs[name]; {
	case ofImage && inspected && known:
		fmt.Fprintf(w, `{"Id":"sha256:1","Config":%s}`, config)
	case path == "/build": // the builder shows the arguments, as a RUN line with one does
		fmt.Fprintf(w, `{"stream":%q}`, "with "+r.URL.Query().Get("buildargs")+"\n")
	case path == "/_ping":
		fmt.Fprint(w, "OK")
	case path == "/info":
		fmt.Fprint(w, `{"MemTotal":25000000000,"NCPU":2,"CgroupVersion":"1","OSType":"linux","Architecture":"x86_64"}`)
	case path == "/version":
		fmt.Fprint(w, `{"Os":"linux","Arch":"amd64","ApiVersion":"1.41"}`)
	case path == "/volumes":
		fmt.Fprint(w, `{"Volumes":[]}`)
	case path == "/containers/json", path == "/networks", path == "/images/json":
		fmt.Fprint(w, `[]`)
	default:
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"message":"no such thing"}`)
	}
}
