package main

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestLoadScripts runs plan load as a person does, against a server that $URL
// names, and $TLS one whose certificate nobody has signed. The command asked
// waits until the server has had a request; eventually PATTERN COMMAND… runs a
// command until it ends well, or with ! badly, and prints the pattern; $OK is that
// of a load of which all was OK.
func TestLoadScripts(t *testing.T) {
	asked := make(chan struct{}, 1)
	server := httptest.NewServer(wanted(asked))
	t.Cleanup(server.Close) // the scripts run after this function
	secure := httptest.NewUnstartedServer(wanted(asked))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/load",
		Setup: func(env *testscript.Env) error {
			env.Setenv("URL", server.URL)
			env.Setenv("HOSTPORT", server.Listener.Addr().String())
			env.Setenv("TLS", secure.URL)
			env.Setenv("OK", `^All [\d,]+ responses were OK\.$`)
			env.Setenv("GORACE", endAtOnce)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"eventually": eventually,
			"asked": func(ts *testscript.TestScript, _ bool, _ []string) {
				select {
				case <-asked:
				case <-time.After(time.Minute):
					ts.Fatalf("nobody asked")
				}
			},
		},
	})
}

func eventually(ts *testscript.TestScript, bad bool, args []string) {
	pattern := regexp.MustCompile("(?m)" + args[0])
	for limit := time.Now().Add(time.Minute); ; {
		err := ts.Exec(args[1], args[2:]...)
		if (err != nil) == bad && pattern.MatchString(ts.ReadFile("stdout")) {
			return
		}
		if time.Now().After(limit) {
			ts.Fatalf("within a minute it never ends well (with !: badly) and prints %s: %v", args[0], err)
		}
	}
}

// wanted answers 200 to a request that is as its query says: ?method=POST,
// ?body=text, and a name and value for each header; else 400.
func wanted(asked chan struct{}) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/wanted", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got := http.Header{"Method": {r.Method}, "Body": {string(body)}}
		for name, want := range r.URL.Query() {
			if value := r.Header.Get(name) + got.Get(name); value != want[0] {
				w.WriteHeader(http.StatusBadRequest)
				io.WriteString(w, name+" is "+value)
				return
			}
		}
	})
	mux.HandleFunc("/busy", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		io.WriteString(w, "the model is busy")
	})
	mux.HandleFunc("/never", func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-r.Context().Done()
	})
	return mux
}
