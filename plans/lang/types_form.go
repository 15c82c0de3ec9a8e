package lang

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"plan/internal/exchange"
	"plan/internal/imagename"
	"plan/plans"
)

// The texts that have a form.
var (
	typePath = &attrType{name: "path", takes: "a path", example: `"/health"`, want: cty.String, convert: formed(
		`a path: a path begins with "/" and has neither blanks nor #`,
		func(text string) bool { return strings.HasPrefix(text, "/") && !strings.ContainsAny(text, " \r\n\t#") },
	)}
	typeURL      = &attrType{name: "url", takes: "a URL", example: `"http://mlflow:5000/health"`, want: cty.String, convert: toURL}
	typeHostPort = &attrType{name: "host:port", takes: "host:port", example: `"minio:9000"`, want: cty.String, convert: formed("a host and a port", func(text string) bool {
		host, port, err := net.SplitHostPort(text)
		_, ok := portNumber(port)
		return err == nil && ok && host != ""
	})}
	typePattern = &attrType{free: true, name: "regular expression", takes: "a regular expression",
		example: `"startup complete"`, want: cty.String, convert: toPattern}
	typeSource   = &attrType{name: "image reference", takes: "an image reference", example: `"fast-api-mlflow:latest"`, want: cty.String, convert: toReference}
	typeExpose   = &attrType{name: "list of ports", takes: "a list of ports", example: `["8000"]`, want: cty.List(cty.String), convert: toExpose}
	typePublish  = &attrType{name: "list of ports as in Compose", takes: "a list of ports", example: `["8000:8000"]`, want: cty.List(cty.String), convert: each(`a published port: "8000", "8000:8000" or "127.0.0.1:8000:8000"`, publish)}
	typeStatuses = &attrType{name: "status or list of them", takes: "status codes", example: "[200]", want: cty.DynamicPseudoType, convert: toStatuses}
	typeEnvFiles = &attrType{name: "list of files", takes: "a list of file names", example: `["./.env"]`,
		want: cty.List(cty.String), convert: toEnvFiles}
	typeFile    = &attrType{name: "file", takes: "the name of a file", example: `"locustfile.py"`, want: cty.String, convert: toFile}
	typeUser    = &attrType{name: "user or user:group", takes: "a user", example: `"1000:1000"`, want: cty.String, convert: formed("a user: a name or number, with or without :group", userName.MatchString)}
	typeMethod  = word("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
	typeHeaders = &attrType{free: true, name: "map of strings", takes: "a map of strings",
		example: `{ Accept = "application/json" }`, want: cty.Map(cty.String), convert: mapped(func(key,
			value string) (wrong, should string) {
			switch {
			case !headerName.MatchString(key):
				return key, "a valid header"
			case !exchange.IsFieldValue([]byte(value)):
				return key, "a valid header: its value has a control character"
			case exchange.IsFramingHeader(key):
				return key, "a header that a plan can set, because it follows from the body"
			}
			return "", ""
		})}
	typeEnv = &attrType{free: true, name: "map of strings", takes: "a map of strings", example: `{ NAME = "value" }`,
		want: cty.Map(cty.String), convert: mapped(func(key, _ string) (wrong, should string) {
			if key == "" || strings.ContainsAny(key, "=\x00") {
				return key, "a name of an environment variable"
			}
			return "", ""
		})}
)

// formed takes a text of a form; should is what others are not.
func formed(should string, valid func(text string) bool) conversion {
	return func(k *attrType, name string, v cty.Value) (any, *violation) {
		if !valid(v.AsString()) {
			return nil, form(name, v.AsString(), should, k.example)
		}
		return v.AsString(), nil
	}
}

// each takes a list of texts of a form; should is what others are not.
func each[T any](should string, read func(text string) (T, bool)) conversion {
	return func(k *attrType, name string, v cty.Value) (any, *violation) {
		list := []T{}
		for _, e := range v.AsValueSlice() {
			got, ok := read(e.AsString())
			if !ok {
				return nil, form(name, e.AsString(), should, k.example)
			}
			list = append(list, got)
		}
		return list, nil
	}
}

// mapped takes texts by name. For a pair that it cannot take, check returns the
// text that is wrong and what that should be, else "" for both.
func mapped(check func(key, value string) (wrong, should string)) conversion {
	return func(k *attrType, name string, v cty.Value) (any, *violation) {
		texts, _ := toMap(k, name, v)
		for key, value := range texts.(map[string]string) {
			if wrong, should := check(key, value); should != "" {
				return nil, form(name, wrong, should, k.example)
			}
		}
		return texts, nil
	}
}

func form(name, text, should, example string) *violation {
	return wrong("P0420", fmt.Sprintf("write %s = %s", name, example), "%q is not %s", text, should)
}

func toURL(k *attrType, name string, v cty.Value) (any, *violation) {
	text := v.AsString()
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, form(name, text, "a URL that begins with http:// or https://", k.example)
	}
	return text, nil
}

func toPattern(k *attrType, name string, v cty.Value) (any, *violation) {
	text := v.AsString()
	_, err := regexp.Compile(text)
	if wrong := (*syntax.Error)(nil); errors.As(err, &wrong) {
		return nil, form(name, text, "a regular expression: "+wrong.Code.String(), k.example)
	}
	return text, nil
}

var (
	networkName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)
	userName    = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$`)
	headerName  = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")
)

func toReference(k *attrType, name string, v cty.Value) (any, *violation) {
	text := v.AsString()
	if _, err := imagename.Registry(text); err != nil {
		return nil, form(name, text, "an image reference: lower case, as name:tag or registry/name:tag", k.example)
	}
	return text, nil
}

func toNetworkName(k *attrType, name string, v cty.Value) (any, *violation) {
	text := v.AsString()
	if !networkName.MatchString(text) {
		return nil, form(name, text, "the name of a network", `"proyecto-2_default"`)
	}
	if slices.Contains(dockersNetworks, text) {
		return nil, dockersOwn(text)
	}
	return text, nil
}

// dockersNetworks are those in which containers cannot find each other by name.
var dockersNetworks = []string{"host", "none", "bridge", "default"}

func dockersOwn(network string) *violation {
	return wrong("P0420", "create a network: docker network create NAME", "in Docker's own network %q, containers cannot find each other by name", network)
}

func toFile(k *attrType, name string, v cty.Value) (any, *violation) {
	text := v.AsString()
	if text == "" || strings.ContainsRune(text, 0) {
		return nil, form(name, text, "the name of a file", k.example)
	}
	return text, nil
}

func portNumber(text string) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 1 && n <= 65535
}

func toExpose(k *attrType, name string, v cty.Value) (any, *violation) {
	ports, p := each("a port from 1 to 65535", portNumber)(k, name, v)
	if p == nil && len(ports.([]int)) == 0 {
		return nil, wrong("P0420", "write "+name+" = "+k.example, "%s is empty: its first port is the port of the API", name)
	}
	return ports, p
}

// publish reads [[address:]host:]container, as Compose does.
func publish(text string) (p plans.Port, ok bool) {
	rest, container, found := cutLast(text, ":")
	if p.Container, ok = portNumber(container); !found || !ok {
		return p, ok
	}
	address, host, _ := cutLast(rest, ":")
	p.Address = strings.Trim(address, "[]")
	if host == "" && address != "" {
		return p, net.ParseIP(p.Address) != nil
	}
	p.Host, ok = portNumber(host)
	return p, ok && (address == "" || net.ParseIP(p.Address) != nil)
}

// cutLast cuts at the last separator; without one all of it is the tail.
func cutLast(text, separator string) (head, tail string, found bool) {
	i := strings.LastIndex(text, separator)
	if i < 0 {
		return "", text, false
	}
	return text[:i], text[i+1:], true
}

// toStatuses takes one status or a list.
func toStatuses(k *attrType, name string, v cty.Value) (any, *violation) {
	codes := []int{}
	elements := []cty.Value{v}
	if v.CanIterateElements() {
		elements = v.AsValueSlice()
	}
	for _, e := range elements {
		if e.IsNull() {
			return nil, k.refuse(name, e)
		}
		n, p := typeCode.of(name, e)
		if p != nil {
			return nil, p
		}
		codes = append(codes, n.(int))
	}
	return codes, nil
}
