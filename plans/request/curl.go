package request

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"plan/internal/secret"
	"plan/internal/shell"
)

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

// curlShort are the long names of the options of one letter that say something of the
// request; curlValued are the other letters that take a value.
var (
	curlShort = map[byte]string{
		'X': "request", 'H': "header", 'd': "data", 'F': "form", 'G': "get", 'u': "user", 'A': "user-agent",
		'e': "referer", 'b': "cookie", 'I': "head", 'L': "location", 'm': "max-time", 'T': "upload-file",
	}
	curlValued = "cCDEhKoPQrtUwxyYz"

	// curlLong are the options with a value, of curl 8.17.
	curlLong = []string{
		"abstract-unix-socket", "alt-svc", "aws-sigv4", "cacert", "capath", "cert", "cert-type", "ciphers", "config",
		"connect-timeout", "connect-to", "continue-at", "cookie", "cookie-jar", "create-file-mode", "crlfile", "curves",
		"data", "data-ascii", "data-binary", "data-raw", "data-urlencode", "delegation", "dns-interface",
		"dns-ipv4-addr", "dns-ipv6-addr", "dns-servers", "doh-url", "dump-header", "ech", "egd-file", "engine",
		"etag-compare", "etag-save", "expect100-timeout", "form", "form-string", "ftp-account",
		"ftp-alternative-to-user", "ftp-method", "ftp-port", "ftp-ssl-ccc-mode", "happy-eyeballs-timeout-ms",
		"haproxy-clientip", "header", "hostpubmd5", "hostpubsha256", "hsts", "interface", "ip-tos", "ipfs-gateway",
		"json", "keepalive-cnt", "keepalive-time", "key", "key-type", "knownhosts", "krb", "libcurl", "limit-rate",
		"local-port", "login-options", "mail-auth", "mail-from", "mail-rcpt", "max-filesize", "max-redirs", "max-time",
		"netrc-file", "noproxy", "oauth2-bearer", "output", "output-dir", "parallel-max", "parallel-max-host", "pass",
		"pinnedpubkey", "preproxy", "proto", "proto-default", "proto-redir", "proxy", "proxy-cacert", "proxy-capath",
		"proxy-cert", "proxy-cert-type", "proxy-ciphers", "proxy-crlfile", "proxy-header", "proxy-key",
		"proxy-key-type", "proxy-pass", "proxy-pinnedpubkey", "proxy-service-name", "proxy-tls13-ciphers",
		"proxy-tlsauthtype", "proxy-tlspassword", "proxy-tlsuser", "proxy-user", "proxy1.0", "pubkey", "quote",
		"random-file", "range", "rate", "referer", "request", "request-target", "resolve", "retry", "retry-delay",
		"retry-max-time", "sasl-authzid", "service-name", "sigalgs", "socks4", "socks4a", "socks5",
		"socks5-gssapi-service", "socks5-hostname", "speed-limit", "speed-time", "ssl-sessions", "stderr",
		"telnet-option", "tftp-blksize", "time-cond", "tls-max", "tls13-ciphers", "tlsauthtype", "tlspassword",
		"tlsuser", "trace", "trace-ascii", "trace-config", "unix-socket", "upload-file", "upload-flags", "url",
		"url-query", "user", "user-agent", "variable", "vlan-priority", "write-out",
	}
	// curlFlags are options without a value that say nothing of the request.
	curlFlags = []string{
		"silent", "show-error", "insecure", "include", "verbose", "fail", "fail-early", "fail-with-body", "no-buffer",
		"globoff", "disable", "ipv4", "ipv6", "http0.9", "http1.0", "http1.1", "http2", "http2-prior-knowledge",
		"http3", "http3-only", "remote-name", "remote-name-all", "remote-header-name", "remote-time",
		"no-progress-meter", "progress-bar", "no-keepalive", "no-alpn", "no-npn", "no-clobber", "tcp-nodelay",
		"tcp-fastopen", "mptcp", "raw", "path-as-is", "basic", "anyauth", "create-dirs", "parallel",
		"parallel-immediate", "no-sessionid", "styled-output", "retry-connrefused", "retry-all-errors",
		"remove-on-error", "skip-existing", "out-null", "ca-native", "ssl", "ssl-reqd", "ssl-no-revoke",
		"ssl-revoke-best-effort", "tlsv1", "tlsv1.0", "tlsv1.1", "tlsv1.2", "tlsv1.3", "cert-status",
		"suppress-connect-headers", "trace-time", "trace-ids", "xattr",
	}
	// curlQuiet are options with a value that say nothing of the request.
	curlQuiet = []string{
		"output", "output-dir", "create-file-mode", "write-out", "dump-header", "cookie-jar", "stderr", "trace",
		"trace-ascii", "trace-config", "connect-timeout", "retry", "retry-delay", "retry-max-time", "keepalive-time",
		"keepalive-cnt", "limit-rate", "parallel-max", "parallel-max-host",
	}
)

// curl reads the command lines of curl in a text, which may be a shell's script.
func (s *Source) curl(text string) error {
	var given []string
	list, err := shell.Commands(text, func(part string) (string, error) {
		m := shellVariable.FindStringSubmatch(part)
		switch {
		case m == nil && strings.HasPrefix(part, "$") && !strings.HasPrefix(part, "$("):
			return part, nil
		case m == nil:
			return "", errors.New("it contains a command whose output is not known: write the output instead of the command")
		case strings.Contains(part, "-"):
			return m[3], nil
		}
		given = append(given, m[1]+m[2])
		return reference(m[1] + m[2]), nil
	})
	if err != nil {
		return err
	}
	s.ThinkTime = ThinkTime
	piped := false
	for _, c := range list {
		fed := piped
		if piped = c.Operator == "|"; fed {
			continue
		}
		words := c.Words
		if len(words) > 1 && words[0] == "$" { // the prompt
			words = words[1:]
		}
		program := words[0]
		if program != "curl" && program != "curl.exe" {
			if !assignment.MatchString(program) {
				s.Note("the command %s is left out: only curl sends requests here", program)
			}
			continue
		}
		if err := s.curlCommand(words[1:]); err != nil {
			return err
		}
		if piped {
			s.Note("the commands after | are left out: write checks of the response in expect")
		}
	}
	if len(s.Requests) == 0 {
		return errors.New("it has no curl command with a URL")
	}
	var written strings.Builder // variables of a host are not part of it
	for _, r := range s.Requests {
		r.write(&written)
	}
	if s.Auth != nil {
		written.WriteString(quote(s.Auth.Username + s.Auth.Password))
	}
	if s.Auth != nil && len(s.Requests) > 1 {
		s.Note("the user of -u is sent with all requests")
	}
	for _, name := range given {
		if regexp.MustCompile(`\bvar\.` + name + `\b`).MatchString(written.String()) {
			s.add(Variable{Name: name, Description: "$" + name + " of " + s.From, Secret: secret.Name(name)})
		}
	}
	return nil
}

// shellVariable is a variable of the shell, with the value that it has if it is not set.
var shellVariable = regexp.MustCompile(
	`^\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?::?-([^{}]*))?\})$`)

var assignment = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=|^(?:export|set|cd|echo|sleep|#!.*)$`)

// curlRequest is a curl command as its options build it up.
type curlRequest struct {
	Request
	method     string
	urls       []string
	data       []string
	file       string // of -d @file
	pairs      []Pair // of --data-urlencode
	json, get  bool
	head       bool
	compressed bool
}

func (s *Source) curlCommand(words []string) error {
	var c curlRequest
	for i := 0; i < len(words); i++ {
		name, value, assigned := strings.Cut(strings.TrimPrefix(words[i], "--"), "=")
		take := func() (string, error) {
			if assigned {
				return value, nil
			}
			if i++; i >= len(words) {
				return "", fmt.Errorf("the option %s has no value", name)
			}
			return words[i], nil
		}
		switch word := words[i]; {
		case word == "--next" || word == "-:":
			if err := s.addCurl(c); err != nil {
				return err
			}
			c = curlRequest{}
		case strings.HasPrefix(word, "--"):
			if err := s.curlOption(&c, name, take); err != nil {
				return err
			}
		case strings.HasPrefix(word, "-") && len(word) > 1:
			for j := 1; j < len(word); j++ { // letters may stand together, and with a value
				name, value, assigned = curlShort[word[j]], word[j+1:], j+1 < len(word)
				before := i
				if name == "" && strings.IndexByte(curlValued, word[j]) >= 0 {
					if _, err := take(); err != nil {
						return err
					}
					break
				}
				if name == "" {
					continue
				}
				taken := false
				if err := s.curlOption(&c, name, func() (string, error) { taken = true; return take() }); err != nil {
					return err
				}
				if taken || i != before {
					break
				}
			}
		default:
			c.urls = append(c.urls, word)
		}
	}
	return s.addCurl(c)
}

// curlOption takes an option by its long name.
func (s *Source) curlOption(c *curlRequest, name string, take func() (string, error)) error {
	switch {
	case slices.Contains(curlFlags, name):
		return nil
	case name == "get":
		c.get = true
		return nil
	case name == "head":
		c.head = true
		return nil
	case name == "compressed":
		c.compressed = true
		return nil
	case name == "location" || name == "location-trusted":
		c.Redirects = 5
		return nil
	case !slices.Contains(curlLong, strings.TrimPrefix(name, "expand-")):
		s.leaveOut(name)
		return nil
	}
	value, err := take()
	if err != nil {
		return err
	}
	switch name {
	case "url":
		c.urls = append(c.urls, value)
	case "request":
		c.method = strings.ToUpper(value)
	case "header":
		if header, content, is := strings.Cut(value, ":"); is {
			c.Headers = append(c.Headers, Pair{strings.TrimSpace(header), strings.TrimSpace(content)})
		} else {
			s.Note("an option -H is left out: its value is not NAME: VALUE")
		}
	case "data", "data-ascii", "data-binary":
		if file, is := strings.CutPrefix(value, "@"); is {
			c.file = file
			break
		}
		c.data = append(c.data, value)
	case "data-raw":
		c.data = append(c.data, value)
	case "json":
		c.json = true
		if file, is := strings.CutPrefix(value, "@"); is {
			c.file = file
			break
		}
		c.data = append(c.data, value)
	case "data-urlencode":
		field, content, is := strings.Cut(value, "=")
		if !is {
			s.Note("an option --data-urlencode is left out: its value is not NAME=VALUE")
			break
		}
		c.pairs = append(c.pairs, Pair{field, content})
	case "form", "form-string":
		s.curlPart(c, name, value)
	case "user":
		user, password, _ := strings.Cut(value, ":")
		s.Auth = &Auth{Username: user, Password: s.hidden("password", "Password of "+user, password)}
	case "oauth2-bearer":
		c.Headers = append(c.Headers, Pair{"Authorization", "Bearer " + value})
	case "user-agent":
		c.Headers = append(c.Headers, Pair{"User-Agent", value})
	case "referer":
		c.Headers = append(c.Headers, Pair{"Referer", value})
	case "cookie":
		c.Headers = append(c.Headers, Pair{"Cookie", value})
	case "max-time":
		c.Timeout = value + "s"
	case "upload-file":
		c.file = value
		if c.method == "" {
			c.method = "PUT"
		}
	default:
		if !slices.Contains(curlQuiet, name) {
			s.leaveOut(name)
		}
	}
	return nil
}

// leaveOut notes an option that is left out. Its value may be a secret.
func (s *Source) leaveOut(name string) {
	s.Note("the option --%s of curl is left out: the language has none like it", name)
}

// curlPart takes a part of -F: a text, or with @ a file.
func (s *Source) curlPart(c *curlRequest, option, value string) {
	name, content, is := strings.Cut(value, "=")
	if !is {
		s.Note("an option -F is left out: its value is not NAME=VALUE")
		return
	}
	if c.Body == nil {
		c.Body = &Body{}
	}
	part := Part{Name: name, Text: content}
	if file, is := strings.CutPrefix(content, "@"); is && option == "form" {
		file, more, _ := strings.Cut(file, ";")
		part = Part{Name: name, File: file}
		for option := range strings.SplitSeq(more, ";") {
			key, value, _ := strings.Cut(option, "=")
			switch key {
			case "":
			case "type":
				part.Type = value
			default:
				s.Note("-F %s: its %s is left out", name, key)
			}
		}
	} else if strings.HasPrefix(content, "<") && option == "form" {
		s.Note("-F %s is left out: a part cannot be a text that curl reads from a file", name)
		return
	}
	if slices.ContainsFunc(c.Body.Parts, func(other Part) bool { return other.Name == name }) {
		s.Note("a second part -F %s is left out: a multipart body of a plan has one of each name", name)
		return
	}
	c.Body.Parts = append(c.Body.Parts, part)
}

// addCurl adds the requests of a command, one for each URL.
func (s *Source) addCurl(c curlRequest) error {
	r := c.Request
	if c.compressed {
		r.Headers = append(r.Headers, Pair{"Accept-Encoding", "gzip, deflate"})
	}
	text := strings.Join(c.data, "&")
	if c.json {
		text = strings.Join(c.data, "")
		if headerOf(r.Headers, "Content-Type") == "" {
			r.Headers = append(r.Headers, Pair{"Content-Type", jsonType})
		}
		if headerOf(r.Headers, "Accept") == "" {
			r.Headers = append(r.Headers, Pair{"Accept", jsonType})
		}
	}
	query := ""
	switch {
	case c.get:
		query = text
		for _, p := range c.pairs {
			if strings.Contains(p.Value, "\x00") {
				r.Query = append(r.Query, p)
			} else {
				query += "&" + p.Name + "=" + url.QueryEscape(p.Value)
			}
		}
		query = strings.Trim(query, "&")
	case c.file != "" && len(c.data) > 0:
		return errors.New("it sends both a file and a text, which a request of a plan cannot")
	case c.file != "":
		r.Body = &Body{File: c.file}
		if c.method != "PUT" && headerOf(r.Headers, "Content-Type") == "" {
			r.Headers = append(r.Headers, Pair{"Content-Type", formType})
		}
	case len(c.data) > 0 || len(c.pairs) > 0:
		if headerOf(r.Headers, "Content-Type") == "" {
			r.Headers = append(r.Headers, Pair{"Content-Type", formType})
		}
		s.body(&r, text, strings.Join(c.urls, " "))
		if len(c.pairs) > 0 && (r.Body.Form != nil || text == "") {
			r.Body = &Body{Form: append(r.Body.Form, c.pairs...)}
		}
	}
	r.Method = "GET"
	switch {
	case c.method != "":
		r.Method = c.method
	case c.head:
		r.Method = "HEAD"
	case r.Body != nil:
		r.Method = "POST"
	}
	if len(c.urls) == 0 {
		return errors.New("a curl command has no URL")
	}
	for _, u := range c.urls {
		if query != "" {
			u = withQuery(u, query)
		}
		s.addTo(u, r)
	}
	return nil
}

// body gives a request a text as its body, in the form that its content type names. A
// content type that the language sets by itself is removed from the headers. The address
// is for people.
func (s *Source) body(r *Request, text, address string) {
	media, _, _ := strings.Cut(headerOf(r.Headers, "Content-Type"), ";")
	switch {
	case strings.Contains(media, "json"):
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		var value any
		if err := decoder.Decode(&value); err == nil && !decoder.More() && value != nil {
			r.Body = &Body{JSON: value}
			r.Headers = withoutHeader(r.Headers, "Content-Type", jsonType)
			return
		}
		s.Note("the body that is sent to %s is not valid JSON: it is a string in the plan", withoutReferences(address))
	case media == formType:
		if pairs := formPairs(text); pairs != nil {
			r.Body = &Body{Form: pairs}
			r.Headers = withoutHeader(r.Headers, "Content-Type", formType)
			return
		}
	}
	r.Body = &Body{Text: text}
}

// formPairs are the fields of an encoded form; nil where the text is none.
func formPairs(text string) []Pair {
	var pairs []Pair
	for field := range strings.SplitSeq(text, "&") {
		name, value, is := strings.Cut(field, "=")
		name, wrong := url.QueryUnescape(name)
		value, wrongValue := url.QueryUnescape(value)
		if !is || name == "" || strings.ContainsAny(name, "{[\"") || wrong != nil || wrongValue != nil {
			return nil
		}
		pairs = append(pairs, Pair{name, value})
	}
	return pairs
}

func headerOf(headers []Pair, name string) string {
	for _, h := range headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// withoutHeader removes a header of a name, where it has that value.
func withoutHeader(headers []Pair, name, value string) []Pair {
	return slices.DeleteFunc(slices.Clone(headers), func(h Pair) bool {
		media, _, _ := strings.Cut(h.Value, ";")
		return strings.EqualFold(h.Name, name) && strings.EqualFold(strings.TrimSpace(media), value)
	})
}

// transport are headers that the driver sets by itself.
var transport = []string{"host", "content-length", "connection", "transfer-encoding", "expect"}

// addTo adds a request to a URL. A request to another host than the first one is left
// out. One that is there already weighs more. It returns the index of the request, -1 of
// one that is left out.
func (s *Source) addTo(address string, r Request) int {
	host, path, is := splitURL(address)
	switch {
	case !is:
		s.Note("a request to %s is left out: it is not a URL", withoutReferences(address))
		return -1
	case s.Host == "":
		s.Host = host
	case host != "" && host != s.Host:
		s.Note("a request to %s is left out: the others go to %s", host, s.Host)
		return -1
	}
	r.Path = path
	r.Headers = slices.Clone(r.Headers)
	r.Headers = slices.DeleteFunc(r.Headers, func(h Pair) bool {
		drop := slices.Contains(transport, strings.ToLower(h.Name))
		if drop && strings.EqualFold(h.Name, "host") {
			s.Note("the header Host: %s is left out: requests go to the service of the plan", withoutReferences(h.Value))
		}
		return drop
	})
	s.hideRequest(&r)
	r.Weight = 1
	for i, other := range s.Requests {
		var a, b strings.Builder
		same := other
		same.Weight = 1
		same.write(&a)
		r.write(&b)
		if a.String() == b.String() {
			s.Requests[i].Weight++
			return i
		}
	}
	s.Requests = append(s.Requests, r)
	return len(s.Requests) - 1
}

// splitURL is the host:port and the path of a URL. A host that is a variable is "".
func splitURL(address string) (host, path string, is bool) {
	if strings.HasPrefix(address, "\x00") { // a variable with the address of the API
		_, rest, _ := strings.Cut(address[1:], "\x00")
		if !strings.HasPrefix(rest, "/") {
			rest = "/" + rest
		}
		return "", rest, true
	}
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	scheme, rest, _ := strings.Cut(address, "://")
	if scheme != "http" && scheme != "https" {
		return "", "", false
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	host, path = rest[:end], rest[end:]
	if i := strings.LastIndex(host, "@"); i >= 0 {
		host = host[i+1:]
	}
	path, _, _ = strings.Cut(path, "#")
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	if strings.Contains(host, "\x00") {
		return "", path, true
	}
	return host, strings.ReplaceAll(path, " ", "%20"), host != ""
}

// withoutReferences is a text for people.
func withoutReferences(text string) string {
	return regexp.MustCompile("\x00([^\x00]*)\x00").ReplaceAllString(text, "$$$1")
}

// PathText is the path with its query for people: a variable stands in it as in a shell.
func (r Request) PathText() string {
	text := r.Path
	for _, p := range r.Query {
		text = withQuery(text, p.Name+"="+p.Value)
	}
	return withoutReferences(text)
}

// withQuery is a path or an address with one more part of its query.
func withQuery(address, part string) string {
	mark := "?"
	if strings.Contains(address, "?") {
		mark = "&"
	}
	return address + mark + part
}
