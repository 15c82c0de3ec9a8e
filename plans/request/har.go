package request

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
)

// harEntry is one request of a HAR file (version 1.2), with what is read of it.
type harEntry struct {
	Request struct {
		Method, URL string
		Headers     []Pair
		PostData    *struct {
			MimeType, Text string
			Params         []struct{ Name, Value, FileName, ContentType string }
		}
	}
	Response struct {
		Content struct{ MimeType string }
	}
}

var (
	// browserHeaders are those that a browser sets by itself.
	browserHeaders = []string{
		"accept", "accept-encoding", "accept-language", "cache-control", "dnt", "origin", "pragma", "priority", "referer",
		"te",
		"upgrade-insecure-requests", "user-agent", "if-none-match", "if-modified-since", "x-requested-with",
	}
	// Parts of pages, by the type of the response and by the extension of the path.
	partTypes = []string{"image/", "font/", "text/css", "javascript", "video/", "audio/", "application/wasm"}
	partNames = []string{
		".js", ".mjs", ".css", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".ico", ".woff", ".woff2", ".ttf", ".map", ".webp",
	}
)

// har reads the requests to the host that has most of those that carry JSON, or else
// most of all. Parts of pages are left out.
func (s *Source) har(content []byte) error {
	var file struct{ Log struct{ Entries []harEntry } }
	if err := json.Unmarshal(content, &file); err != nil {
		return err
	}
	s.ThinkTime = ThinkTime
	all := len(file.Log.Entries)
	entries := slices.DeleteFunc(file.Log.Entries, harEntry.isPart)
	if len(entries) == 0 {
		return errors.New("it has no request but for parts of pages, such as images and scripts")
	}
	if left := all - len(entries); left > 0 {
		s.Note("%d requests for parts of pages are left out, such as images and scripts", left)
	}
	likely := map[string]int{}
	for _, e := range entries {
		likely[e.host()]++
		if strings.Contains(e.Response.Content.MimeType, "json") ||
			e.Request.PostData != nil && strings.Contains(e.Request.PostData.MimeType, "json") {
			likely[e.host()] += all
		}
	}
	s.Host = slices.MaxFunc(slices.Sorted(maps.Keys(likely)), func(a, b string) int { return likely[a] - likely[b] })
	for _, e := range entries {
		if e.host() != s.Host {
			s.Note("requests to %s are left out: most go to %s", e.host(), s.Host)
			continue
		}
		s.addEntry(e)
	}
	return nil
}

func (e harEntry) host() string {
	u, _ := url.Parse(e.Request.URL) // isPart has parsed it
	return u.Host
}

// isPart reports whether an entry is no request to an API: a part of a page, or one
// that a browser sends by itself.
func (e harEntry) isPart() bool {
	u, err := url.Parse(e.Request.URL)
	return err != nil || u.Scheme != "http" && u.Scheme != "https" || e.Request.Method == http.MethodConnect ||
		e.Request.Method == http.MethodOptions ||
		slices.ContainsFunc(partTypes, func(t string) bool { return strings.Contains(e.Response.Content.MimeType, t) }) ||
		slices.Contains(partNames, strings.ToLower(path.Ext(u.Path)))
}

func (s *Source) addEntry(e harEntry) {
	r := Request{Method: e.Request.Method}
	for _, h := range e.Request.Headers {
		name := strings.ToLower(h.Name)
		if !strings.HasPrefix(name, ":") && !strings.HasPrefix(name, "sec-") && !slices.Contains(browserHeaders, name) {
			r.Headers = append(r.Headers, h)
		}
	}
	if post := e.Request.PostData; post != nil {
		isFile := false
		var parts []Part
		for _, p := range post.Params {
			parts = append(parts, Part{Name: p.Name, Text: p.Value, File: p.FileName, Type: p.ContentType})
			isFile = isFile || p.FileName != ""
		}
		switch {
		case strings.HasPrefix(post.MimeType, "multipart/") && len(parts) > 0:
			r.Body = &Body{Parts: parts}
			r.Headers = slices.DeleteFunc(r.Headers, func(h Pair) bool { return strings.EqualFold(h.Name, "Content-Type") })
			if isFile {
				s.Note("a HAR file does not have the files that are sent: put those of %s beside the plan", e.Request.URL)
			}
		case strings.HasPrefix(post.MimeType, "multipart/"):
			s.Note("%s %s is left out: a HAR file does not have its parts", r.Method, e.Request.URL)
			return
		case post.Text == "" && len(parts) > 0:
			form := []Pair{}
			for _, p := range parts {
				form = append(form, Pair{p.Name, p.Text})
			}
			r.Body = &Body{Form: form}
			r.Headers = withoutHeader(r.Headers, "Content-Type", formType)
		default:
			if headerOf(r.Headers, "Content-Type") == "" && post.MimeType != "" {
				r.Headers = append(r.Headers, Pair{"Content-Type", post.MimeType})
			}
			s.body(&r, post.Text, e.Request.URL)
		}
	}
	s.addTo(e.Request.URL, r)
}
