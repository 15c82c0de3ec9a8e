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

// World answers what a target is. Each function gets the target.
type World struct {
	Exists  func(path string) bool
	Accepts func(hostPort string) bool // a connection
}

// Detect returns what a target is: a path that exists, else an address, else an image.
func Detect(target string, w World) (Kind, error) {
	_, port, err := net.SplitHostPort(target)
	isAddress := err == nil && !strings.Contains(target, "/") && onlyDigits.MatchString(port)
	switch {
	case target == "":
		return "", errors.New("there is no Compose file in this folder: name a Compose file, the URL of an API that " +
			"runs, or an image: plan quick TARGET")
	case w.Exists(target):
		return Compose, nil
	case strings.HasPrefix(target, "http://"), strings.HasPrefix(target, "https://"):
		return Address, nil
	case isAddress && w.Accepts(target):
		return Address, nil
	case strings.HasPrefix(target, "./"), strings.HasPrefix(target, "/"), strings.HasPrefix(target, "../"),
		strings.HasSuffix(target, ".yaml"), strings.HasSuffix(target, ".yml"):
		return "", fmt.Errorf("there is no file %s", target)
	}
	return Image, nil
}

var (
	onlyDigits = regexp.MustCompile(`^[0-9]+$`)
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
