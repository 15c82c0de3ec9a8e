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
	typePath     = &attrType{name: "path", takes: "a path", example: `"/health"`, want: cty.String, convert: toPath}
	typeURL      = &attrType{name: "url", takes: "a URL", example: `"http://mlflow:5000/health"`, want: cty.String, convert: toURL}
	typeHostPort = &attrType{name: "host:port", takes: "host:port", example: `"minio:9000"`, want: cty.String, convert: toHostPort}
	typePattern  = &attrType{name: "regular expression", takes: "a regular expression", example: `"startup complete"`, want: cty.String, convert: toPattern}
	typeSource   = &attrType{name: "image reference", takes: "an image reference", example: `"fast-api-mlflow:latest"`, want: cty.String, convert: toReference}
	typeExpose   = &attrType{name: "list of ports", takes: "a list of ports", example: `["8000"]`, want: cty.List(cty.String), convert: toExpose}
	typePublish  = &attrType{name: "list of ports as in Compose", takes: "a list of ports", example: `["8000:8000"]`, want: cty.List(cty.String), convert: toPublish}
	typeStatuses = &attrType{name: "status or list of them", takes: "status codes", example: "[200]", want: cty.DynamicPseudoType, convert: toStatuses}
	typeFile     = &attrType{name: "file", takes: "the name of a file", example: `"locustfile.py"`, want: cty.String, convert: toFile}
	typeUser     = &attrType{name: "user or user:group", takes: "a user", example: `"1000:1000"`, want: cty.String, convert: toUser}
	typeMethod   = word("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
	typeHeaders  = &attrType{name: "texts by name", takes: "texts by name", example: `{ Accept = "application/json" }`, want: cty.Map(cty.String), convert: toHeaders}
	typeEnv      = &attrType{name: "texts by name", takes: "texts by name", example: `{ NAME = "value" }`, want: cty.Map(cty.String), convert: toEnvironment}
)

func form(name, text, should, example string) *violation {
	return wrong("P0420", fmt.Sprintf("write %s = %s", name, example), "%q is not %s", text, should)
}

func toPath(k *attrType, name string, v cty.Value) (any, *violation) {
	text := v.AsString()
	if !strings.HasPrefix(text, "/") || strings.ContainsAny(text, " \r\n\t#") {
		return nil, form(name, text, `a path: it begins with "/" and has neither blanks nor #`, k.example)
	}
	return text, nil
}

func toURL(k *attrType, name string, v cty.Value) (any, *violation) {
	text := v.AsString()
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, form(name, text, "a URL that begins with http:// or https://", k.example)
	}
	return text, nil
}

func toHostPort(k *attrType, name string, v cty.Value) (any, *violation) {
	text := v.AsString()
	host, port, err := net.SplitHostPort(text)
	if _, ok := portNumber(port); err != nil || !ok || host == "" {
		return nil, form(name, text, "a host and a port", k.example)
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
	return wrong("P0420", "make one of your own: docker network create NAME", "%q is a network of Docker's own, in which containers cannot find each other by name", network)
}

func toUser(k *attrType, name string, v cty.Value) (any, *violation) {
	text := v.AsString()
	if !userName.MatchString(text) {
		return nil, form(name, text, "a user: a name or number, with or without :group", k.example)
	}
	return text, nil
}

func toFile(k *attrType, name string, v cty.Value) (any, *violation) {
	text := v.AsString()
	if text == "" || strings.ContainsRune(text, 0) {
		return nil, form(name, text, "the name of a file", k.example)
	}
	return text, nil
}

func toHeaders(k *attrType, name string, v cty.Value) (any, *violation) {
	headers, _ := toMap(k, name, v)
	for key, value := range headers.(map[string]string) {
		switch {
		case !headerName.MatchString(key) || strings.ContainsAny(value, "\r\n"):
			return nil, form(name, key, "a header that can be sent", k.example)
		case exchange.IsFramingHeader(key):
			return nil, form(name, key, "a header to write: it follows from the body", k.example)
		}
	}
	return headers, nil
}

func toEnvironment(k *attrType, name string, v cty.Value) (any, *violation) {
	environment, _ := toMap(k, name, v)
	for key := range environment.(map[string]string) {
		if key == "" || strings.ContainsAny(key, "=\x00") {
			return nil, form(name, key, "a name of an environment variable", k.example)
		}
	}
	return environment, nil
}

func portNumber(text string) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 1 && n <= 65535
}

func toExpose(k *attrType, name string, v cty.Value) (any, *violation) {
	ports := []int{}
	for _, e := range v.AsValueSlice() {
		n, ok := portNumber(e.AsString())
		if !ok {
			return nil, form(name, e.AsString(), "a port from 1 to 65535", k.example)
		}
		ports = append(ports, n)
	}
	if len(ports) == 0 {
		return nil, wrong("P0420", "write "+name+" = "+k.example, "%s is empty: the first port is the API's", name)
	}
	return ports, nil
}

func toPublish(k *attrType, name string, v cty.Value) (any, *violation) {
	ports := []plans.Port{}
	for _, e := range v.AsValueSlice() {
		p, ok := publish(e.AsString())
		if !ok {
			return nil, form(name, e.AsString(), `a published port: "8000", "8000:8000" or "127.0.0.1:8000:8000"`, k.example)
		}
		ports = append(ports, p)
	}
	return ports, nil
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
