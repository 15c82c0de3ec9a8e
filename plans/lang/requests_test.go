package lang

import (
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plan/internal/exchange"
	"plan/plans"
)

// scenario loads a scenario of these lines, with files beside the plan.
func scenario(t *testing.T, lines string, files map[string]string, o Options) (plans.Scenario, *plans.Plan) {
	t.Helper()
	file := writePlan(t, strings.Replace(bare, "%s", "expose = [1]", 1)+`
variable "token" {
  default   = "t0k3n/&"
  sensitive = true
}
scenario "s" {
  think_time = "1s"
  `+lines+`
}
check "c" {
  service = service.api
  load {
    scenario = scenario.s
    users    = 5
  }
}`)
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(filepath.Dir(file), name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p, diags := Load(file, o)
	if p == nil {
		t.Fatalf("the plan does not load:\n%v", diags)
	}
	return p.Stages[1].Load.Scenario, p
}

func TestRequestsInTheirForms(t *testing.T) {
	files := map[string]string{"cat.PNG": "\x89PNG", "data": "raw"}
	for lines, want := range map[string]exchange.Request{
		`query = { q = "x y", n = 3, list = ["a&b", true], none = null }`: {Path: "/a?list=a%26b&list=true&n=3&q=x+y"},
		"path = \"/a?b=c\"\n query = { d = 1 }":                           {Path: "/a?b=c&d=1"},
		"path = \"/a?\"\n query = { d = 1 }":                              {Path: "/a?d=1"},
		`query = {}`:                                                      {Path: "/a"},
		`form = { b = "ä", a = [1, 2] }`: {
			Method: "POST", Body: []byte("a=1&a=2&b=%C3%A4"), Header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
		},
		`file = "cat.PNG"`: {Method: "POST", Body: []byte("\x89PNG"), Header: map[string]string{"Content-Type": "image/png"}},
		"file = \"data\"\n method = \"PUT\"": {
			Method: "PUT", Body: []byte("raw"), Header: map[string]string{"Content-Type": "application/octet-stream"},
		},
		"file = \"data\"\n headers = { Content-Type = \"text/x\" }": {
			Method: "POST", Body: []byte("raw"), Header: map[string]string{"Content-Type": "text/x"},
		},
		"redirects = 5\n timeout = \"1s\"": {Redirects: 5, Timeout: time.Second},
		`expect {
		  status = 201
		  body   = "yes"
		  json   = { "$.b" = { n = 1.5 }, "$.a" = null }
		}`: {Status: []int{201}, Checks: []exchange.Check{{Text: "yes"}, {Path: "$.a", Equals: []byte("null")}, {Path: "$.b", Equals: []byte(`{"n":1.5}`)}}},
		`expect {
		  body = ["a", "b"]
		  json = ["$.predictions", "$..x"]
		}`: {Checks: []exchange.Check{{Text: "a"}, {Text: "b"}, {Path: "$.predictions"}, {Path: "$..x"}}},
		`expect {
		  not_body = ["a", "b"]
		  json_not = { "$.error" = "busy" }
		  body     = "c"
		}`: {Checks: []exchange.Check{{Text: "c"}, {Text: "a", Not: true}, {Text: "b", Not: true}, {Path: "$.error", Equals: []byte(`"busy"`), Not: true}}},
		`expect { json_not = ["$.error", "$.x"] }`: {Checks: []exchange.Check{{Path: "$.error", Not: true}, {Path: "$.x", Not: true}}},
		`expect { json = "$.x" }`:                  {Checks: []exchange.Check{{Path: "$.x"}}},
	} {
		if !strings.Contains(lines, "path =") {
			lines = "path = \"/a\"\n" + lines
		}
		want.Name, want.Weight, want.Replay = "r", 1, true
		if want.Method == "" {
			want.Method = "GET"
		}
		if want.Path == "" {
			want.Path = "/a"
		}
		if want.Timeout == 0 {
			want.Timeout = 10 * time.Second
		}
		s, _ := scenario(t, "request \"r\" {\n"+lines+"\n}", files, Options{})
		if diff := cmp.Diff([]exchange.Request{want}, s.Requests); diff != "" {
			t.Errorf("%s (-want +got):\n%s", lines, diff)
		}
	}
}

func TestScenarioGivesWhatItsRequestsLeaveOut(t *testing.T) {
	s, p := scenario(t, `
  headers    = { X-Key = "1", accept = "text/plain", Authorization = null }
  timeout    = "3s"
  redirects  = 2
  retry_idle = true
  auth {
    basic {
      username = "ann"
      password = var.token
    }
  }
  request "plain" {
    path = "/a"
  }
  request "own" {
    method    = "PATCH"
    path      = "/b"
    headers   = { Accept = "image/png", authorization = "Own" }
    timeout   = "4s"
    redirects = 0
  }
  on_start {
    request "second" {
      path = "/c"
      json = { token = var.token }
    }
    request "first" {
      path = "/d"
    }
  }`, nil, Options{})
	basic := base64.StdEncoding.EncodeToString([]byte("ann:t0k3n/&"))
	with := func(auth, accept string, more ...string) map[string]string {
		h := map[string]string{"Authorization": auth, "accept": accept, "X-Key": "1"}
		for i := 0; i < len(more); i += 2 {
			h[more[i]] = more[i+1]
		}
		return h
	}
	want := []exchange.Request{
		{Name: "plain", Method: "GET", Path: "/a", Weight: 1, Timeout: 3 * time.Second, Redirects: 2, Replay: true, Header: with("Basic "+basic, "text/plain")},
		{Name: "own", Method: "PATCH", Path: "/b", Weight: 1, Timeout: 4 * time.Second, Replay: true, Header: with("Own", "image/png")},
		{Name: "second", Method: "POST", Path: "/c", Timeout: 3 * time.Second, Redirects: 2, Replay: true, Body: []byte(`{"token":"t0k3n/\u0026"}`), Header: with("Basic "+basic, "text/plain", "Content-Type", "application/json")},
		{Name: "first", Method: "GET", Path: "/d", Timeout: 3 * time.Second, Redirects: 2, Replay: true, Header: with("Basic "+basic, "text/plain")},
	}
	if diff := cmp.Diff(want, slices.Concat(s.Requests, s.OnStart)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"t0k3n/&", basic}, p.Secrets); diff != "" {
		t.Errorf("secrets: %s", diff)
	}
}

func TestBearerAndNoRetry(t *testing.T) {
	s, p := scenario(t, `
  retry_idle = false
  auth {
    bearer = var.token
  }
  request "r" {
    path = "/a"
  }`, nil, Options{})
	if got := s.Requests[0]; got.Header["Authorization"] != "Bearer t0k3n/&" || got.Replay || len(p.Secrets) != 1 {
		t.Errorf("got %+v, %q", got, p.Secrets)
	}
}

func TestMultipartCanBeReadAndIsAlwaysTheSame(t *testing.T) {
	const lines = `request "r" {
    path      = "/a"
    headers   = { X-Key = "1" }
    multipart = {
      note  = "text"
      tags  = ["b", "a"]
      image = { file = "cat.png", type = "image/x" }
      "q\"" = { file = "b.bin" }
    }
  }`
	files := map[string]string{"cat.png": "\x89PNG\r\n--plan", "b.bin": ""}
	s, _ := scenario(t, lines, files, Options{})
	again, _ := scenario(t, lines, files, Options{})
	if diff := cmp.Diff(s.Requests, again.Requests); diff != "" {
		t.Errorf("two times the same: %s", diff)
	}
	_, params, err := mime.ParseMediaType(s.Requests[0].Header["Content-Type"])
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for r := multipart.NewReader(strings.NewReader(string(s.Requests[0].Body)), params["boundary"]); ; {
		part, err := r.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.Join([]string{part.FormName(), part.FileName(), part.Header.Get("Content-Type"), string(data)}, "|"))
	}
	want := []string{"image|cat.png|image/x|\x89PNG\r\n--plan", "note|||text", `q%22|b.bin|application/octet-stream|`, "tags|||b", "tags|||a"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLargestBodies(t *testing.T) {
	for size, wrong := range map[int]bool{maxData: false, maxData + 1: true} {
		file := writePlan(t, strings.Replace(bare, "%s", "expose = [1]", 1)+"scenario \"s\" {\n request \"r\" {\n path = \"/a\"\n file = \"data\"\n }\n}\n")
		if err := os.WriteFile(filepath.Join(filepath.Dir(file), "data"), make([]byte, size), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, diags := Load(file, Options{}); diags.HasErrors() != wrong || wrong && diags[0].Code != "P0002" {
			t.Errorf("%d bytes: %v", size, diags)
		}
	}
}
