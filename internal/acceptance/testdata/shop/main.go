// Command shop is a service that wants logins, forms, files and JSON, and
// writes down all that it is asked: a line of JSON for each request, in
// /log/asked.jsonl, before its answer.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// asked is one request as it was answered.
type asked struct {
	Container string // the service's, the start of its id
	Path      string
	ID        string // of an item
	User      string
	Status    int
}

// answer is what a request gets, and whose it was.
type answer struct {
	status int
	user   string
	body   any
}

var refused = answer{status: http.StatusBadRequest}

func main() {
	log, err := os.OpenFile("/log/asked.jsonl", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		panic(err)
	}
	container, err := os.Hostname()
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(http.ResponseWriter, *http.Request) {})
	for pattern, serve := range map[string]func(http.ResponseWriter, *http.Request) answer{
		"POST /login": login, "GET /items/{id}": item, "POST /predict": predict, "POST /order": order, "POST /picture": picture, "GET /slow": slow,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			got := serve(w, r)
			line, err := json.Marshal(asked{container, r.Pattern, r.PathValue("id"), got.user, got.status})
			if err != nil {
				panic(err)
			}
			if _, err := log.Write(append(line, '\n')); err != nil { // one write, so that lines stay whole
				panic(err)
			}
			w.WriteHeader(got.status)
			_ = json.NewEncoder(w).Encode(got.body)
		})
	}
	panic(http.ListenAndServe(":8000", mux))
}

func login(w http.ResponseWriter, r *http.Request) answer {
	name := r.PostFormValue("name")
	if name == "" || r.PostFormValue("password") != "of "+name {
		return refused
	}
	http.SetCookie(w, &http.Cookie{Name: "session", Value: name})
	return answer{http.StatusOK, name, nil}
}

// user is who has logged in, and says so in the request too.
func user(r *http.Request, says string) (string, bool) {
	session, err := r.Cookie("session")
	return says, err == nil && session.Value == says
}

func item(_ http.ResponseWriter, r *http.Request) answer {
	name, ok := user(r, r.Header.Get("X-User"))
	if !ok {
		return answer{status: http.StatusUnauthorized}
	}
	return answer{http.StatusOK, name, map[string]any{"id": r.PathValue("id"), "labels": []any{map[string]any{"name": "cat"}}}}
}

func predict(_ http.ResponseWriter, r *http.Request) answer {
	var body struct {
		User   string
		Inputs [][]float64
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || len(body.Inputs) != 1 {
		return refused
	}
	name, ok := user(r, body.User)
	if !ok {
		return answer{status: http.StatusUnauthorized}
	}
	return answer{http.StatusOK, name, map[string]any{"model": "v2"}}
}

func order(_ http.ResponseWriter, r *http.Request) answer {
	name, ok := user(r, r.PostFormValue("user"))
	if !ok || r.PostFormValue("note") != "a & b" {
		return refused
	}
	return answer{http.StatusOK, name, nil}
}

func picture(_ http.ResponseWriter, r *http.Request) answer {
	file, head, err := r.FormFile("image")
	if err != nil || r.FormValue("note") != "a cat" {
		return refused
	}
	n, err := io.Copy(io.Discard, file)
	if err != nil || n != head.Size {
		return refused
	}
	return answer{http.StatusOK, "", fmt.Sprintf("got %d bytes", n)}
}

func slow(http.ResponseWriter, *http.Request) answer {
	time.Sleep(100 * time.Millisecond)
	return answer{status: http.StatusOK}
}
