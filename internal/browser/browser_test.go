package browser

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"plan/report/html"
	"plan/runner/compare"
	"plan/runner/journal"
)

// jenkins is the policy that Jenkins serves reports with.
const jenkins = "sandbox allow-same-origin; default-src 'none'; img-src 'self'; style-src 'self'"

// pages are those of the journals of report/html, one of a comparison, and with JOURNAL=FILE that of another run.
func pages(t *testing.T) map[string][]byte {
	all := map[string][]byte{}
	runs := map[string]journal.Run{}
	files := map[string]string{}
	for _, name := range []string{"resources", "disproved", "cheapest"} {
		files[name] = filepath.Join("../../report/html/testdata", name+".jsonl")
	}
	if file := os.Getenv("JOURNAL"); file != "" {
		files["other"] = file
	}
	for name, file := range files {
		run, err := journal.Read(file)
		if err != nil {
			t.Fatal(err)
		}
		runs[name] = journal.Printable(run)
		var b bytes.Buffer
		if err := html.Write(&b, runs[name]); err != nil {
			t.Fatal(err)
		}
		all[name] = b.Bytes()
	}
	var b bytes.Buffer
	if err := html.WriteComparison(&b, compare.Runs(runs["resources"], runs["resources"])); err != nil {
		t.Fatal(err)
	}
	all["compare"] = b.Bytes()
	return all
}

// chromium starts a browser; it skips the test where there is none, and fails it if CI is true.
func chromium(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal(err)
	} else if err != nil {
		t.Skip("this test needs Chromium: ", err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.WSURLReadTimeout(5*time.Minute))
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// screen is how a page is looked at.
type screen struct {
	name      string
	width     int64
	dark      bool
	print     bool
	noScripts bool
	policy    string
}

var screens = []screen{
	{name: "1400 px", width: 1400},
	{name: "400 px, dark", width: 400, dark: true},
	{name: "2000 px", width: 2000},
	{name: "print", width: 800, print: true},
	{name: "no scripts", width: 1000, noScripts: true},
	{name: "Jenkins", width: 1000, policy: jenkins},
}

// seen is what a browser shows of a page.
type seen struct {
	Pictures, Drawn int // of pictures: those with a size, inside the page, and something in them
	Trials          int
	Shut            []string // trials that do not show their content, after they were opened
	Wide            int      // pixels by which the page is wider than the screen
	Ready           bool     // the script ran
}

// look opens every trial by its summary, as a click does, and returns what is shown.
const look = `(() => {
  const trials = [...document.querySelectorAll("details")];
  for (const it of trials) if (!PRINT && !it.open) it.querySelector("summary").click();
  const has = it => { const r = it.getBoundingClientRect(); return r.width > 0 && r.height > 0 && r.left >= -1; };
  const pictures = [...document.querySelectorAll("svg.chart")];
  const drawn = it => has(it) && [...it.querySelectorAll("polyline, rect:not(.paper), circle, path")].some(has);
  return {
    Pictures: pictures.length, Drawn: pictures.filter(drawn).length,
    Trials: trials.length, Shut: trials.filter(it => !it.querySelector("table") || !has(it.querySelector("table"))).map(it => it.id),
    Wide: document.documentElement.scrollWidth - innerWidth,
    Ready: !!document.querySelector(".picture button"),
  };
})()`

// TestPages: with PICTURES=DIR it writes what it sees. On every screen each picture is drawn and each trial unfolds, the page is no wider than the screen, the
// browser has nothing to complain about, and asks for nothing but the page.
func TestPages(t *testing.T) {
	all := pages(t)
	ctx := chromium(t)
	for _, s := range screens {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if s.policy != "" {
				w.Header().Set("Content-Security-Policy", s.policy)
			}
			w.Write(all[strings.TrimPrefix(r.URL.Path, "/")])
		}))
		for name := range all {
			t.Run(s.name+"/"+name, func(t *testing.T) {
				got, complaints, requests := visit(ctx, t, s, server.URL+"/"+name)
				if got.Pictures == 0 || got.Drawn != got.Pictures || len(got.Shut) > 0 || got.Trials == 0 && name != "compare" {
					t.Errorf("%d of %d pictures are drawn; of %d trials these do not unfold: %v", got.Drawn, got.Pictures, got.Trials, got.Shut)
				}
				if got.Wide > 0 && s.policy == "" && !s.print {
					t.Errorf("the page is %d pixels wider than the screen", got.Wide)
				}
				if scripts := !s.noScripts && s.policy == ""; got.Ready != scripts {
					t.Errorf("the script ran: %v", got.Ready)
				}
				if s.policy != "" { // it blocks the style and the script, and the browser reports that
					complaints = slices.DeleteFunc(complaints, func(text string) bool {
						return strings.Contains(text, "Content Security Policy") || strings.Contains(text, "sandboxed")
					})
				}
				if len(complaints) > 0 || len(requests) != 1 {
					t.Errorf("the browser says %q and asks for %q", complaints, requests)
				}
			})
		}
		server.Close()
	}
}

// visit opens a page, and returns what it shows, what the browser writes to its
// console, and what it asks for.
func visit(browser context.Context, t *testing.T, s screen, url string) (got seen, complaints, requests []string) {
	t.Helper()
	ctx, stop := chromedp.NewContext(browser)
	defer stop()
	ctx, stop = context.WithTimeout(ctx, 5*time.Minute)
	defer stop()
	var lock sync.Mutex
	err := chromedp.Listen(ctx, func(event any) {
		lock.Lock()
		defer lock.Unlock()
		switch e := event.(type) {
		case *runtime.EventConsoleAPICalled:
			complaints = append(complaints, string(e.Type))
		case *runtime.EventExceptionThrown:
			complaints = append(complaints, e.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			complaints = append(complaints, e.Entry.Text)
		case *network.EventRequestWillBeSent:
			if !strings.HasSuffix(e.Request.URL, "/favicon.ico") { // browsers ask each server for it
				requests = append(requests, e.Request.URL)
			}
		}
	})
	if err == nil {
		got, err = opened(ctx, s, url)
	}
	if dir := os.Getenv("PICTURES"); err == nil && dir != "" {
		var picture []byte
		if picture, err = chromedp.Run(ctx, chromedp.FullScreenshot(100)); err == nil {
			err = os.WriteFile(filepath.Join(dir, s.name+" "+filepath.Base(url)+".png"), picture, 0o644)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	lock.Lock()
	defer lock.Unlock()
	return got, slices.Clone(complaints), slices.Clone(requests)
}

// opened opens a page and all of its trials, and returns what it shows.
func opened(ctx context.Context, s screen, url string) (seen, error) {
	media, scheme := "screen", "light"
	if s.dark {
		scheme = "dark"
	}
	if s.print {
		media = "print"
	}
	settings := func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: s.noScripts}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Media: media, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	}
	if err := chromedp.Do(ctx, chromedp.Func(settings), chromedp.EmulateViewport(s.width, 900), chromedp.Navigate(url)); err != nil {
		return seen{}, err
	}
	return chromedp.Run(ctx, chromedp.Evaluate[seen](strings.ReplaceAll(look, "PRINT", fmt.Sprint(s.print))))
}

// axe is a program that finds what people with a disability cannot use. scripts/tools fetches it.
func axe(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skip(err)
	}
	files, _ := filepath.Glob(filepath.Join(cache, "plan/axe-*/axe.min.js")) // no error: the pattern is right
	if len(files) == 0 {
		t.Skip("this test needs axe-core, which scripts/tools fetches with npm")
	}
	text, err := os.ReadFile(files[len(files)-1])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// violation is a fault that axe-core found.
type violation struct {
	ID     string `json:"id"`
	Impact string `json:"impact"`
	Help   string `json:"help"`
	Nodes  []struct {
		HTML string `json:"html"`
	} `json:"nodes"`
}

// TestAccessibility: axe-core finds nothing serious.
func TestAccessibility(t *testing.T) {
	program := axe(t)
	server := httptest.NewServer(nil)
	defer server.Close()
	all := pages(t)
	ctx := chromium(t)
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(w, bytes.NewReader(all[strings.TrimPrefix(r.URL.Path, "/")]))
	})
	for _, s := range screens[:2] {
		for name := range all {
			t.Run(s.name+"/"+name, func(t *testing.T) {
				ctx, stop := chromedp.NewContext(ctx)
				defer stop()
				ctx, stop = context.WithTimeout(ctx, 5*time.Minute)
				defer stop()
				_, err := opened(ctx, s, server.URL+"/"+name)
				if err == nil {
					err = chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](program))
				}
				if err != nil {
					t.Fatal(err)
				}
				found, err := chromedp.Run(ctx, chromedp.Evaluate[[]violation]("axe.run().then(r => r.violations)", chromedp.EvalAwaitPromise))
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range found {
					say := t.Logf
					if f.Impact == "serious" || f.Impact == "critical" {
						say = t.Errorf
					}
					say("%s: %s: %s, %d times: %.200s", f.Impact, f.ID, f.Help, len(f.Nodes), f.Nodes[0].HTML)
				}
			})
		}
	}
}
