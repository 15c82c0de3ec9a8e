// Package quick has what `plan quick` decides and writes, as functions of values: what a
// target is, the plan of the first minute, the load of an address, and the answer in
// words.
//
// It reads no file and asks no engine; cmd/plan does, and gives it what was found.
package quick

import (
	"errors"
	"fmt"
	"net"
	"path"
	"regexp"
	"strings"
)

// Kind is what a target is.
type Kind string

// The kinds of targets.
const (
	Compose Kind = "Compose file" // a file, or a folder with one
	Address Kind = "address"      // of an API that runs already
	Image   Kind = "image"
)

// Article is a kind in a sentence.
func (k Kind) Article() string {
	if k == Compose {
		return "a " + string(k)
	}
	return "an " + string(k)
}

// World answers what a target is.
type World struct {
	Exists   func(path string) bool
	Accepts  func(hostPort string) bool // a connection
	Registry func(hostPort string) bool // it serves images
}

// Detect returns what a target is: a path that exists, else an address, else an image.
func Detect(target string, w World) (Kind, error) {
	hostPort, path, hasPath := strings.Cut(target, "/")
	host, port, err := net.SplitHostPort(hostPort)
	isAddress := err == nil && onlyDigits.MatchString(port)
	switch {
	case target == "":
		return "", errors.New("there is no Compose file in this folder: name a Compose file, the URL of an API that " +
			"runs, or an image: plan quick TARGET")
	case w.Exists(target):
		return Compose, nil
	case strings.HasPrefix(target, "http://"), strings.HasPrefix(target, "https://"):
		return Address, nil
	case isAddress && hasPath && !inImages.MatchString(path) && w.Accepts(hostPort) && !w.Registry(hostPort):
		return Address, nil
	case isAddress && !hasPath && w.Accepts(hostPort):
		return Address, nil
	case isAddress && !hasPath && isHost(host):
		return "", fmt.Errorf("nothing accepts connections at %s: start the API, or correct the port", target)
	case strings.HasPrefix(target, "./"), strings.HasPrefix(target, "/"), strings.HasPrefix(target, "../"),
		strings.HasSuffix(target, ".yaml"), strings.HasSuffix(target, ".yml"):
		return "", fmt.Errorf("there is no file %s", target)
	}
	return Image, nil
}

// isHost reports whether a text is a host and no name of an image.
func isHost(text string) bool {
	return text == "localhost" || net.ParseIP(text) != nil || strings.Contains(text, ".")
}

var (
	onlyDigits = regexp.MustCompile(`^[0-9]+$`)
	inImages   = regexp.MustCompile(`:[\w.-]+$|@sha256:`) // a tag or a digest
	notInNames = regexp.MustCompile(`[^A-Za-z0-9]+`)
)

// PlanFile is the file of the plan for an image, or for a service of a Compose file.
func PlanFile(name string) string {
	name, _, _ = strings.Cut(path.Base(name), "@")
	name, _, _ = strings.Cut(name, ":")
	name = strings.Trim(notInNames.ReplaceAllString(name, "-"), "-")
	if name == "" {
		name = "api"
	}
	return "quick-" + strings.ToLower(name) + ".hcl"
}
