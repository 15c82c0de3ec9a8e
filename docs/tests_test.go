package docs

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	namedTest    = regexp.MustCompile(`\b(?:Test|Benchmark|Fuzz)[A-Z][A-Za-z0-9]*`)
	declaredTest = regexp.MustCompile(`(?m)^func ((?:Test|Benchmark|Fuzz)[A-Z][A-Za-z0-9]*)\(`)
)

// TestNamedTestsExist checks that every test which a document names is there.
func TestNamedTestsExist(t *testing.T) {
	declared := map[string]bool{}
	for _, path := range files(t, "..", func(path string) bool { return strings.HasSuffix(path, "_test.go") }) {
		text, err := os.ReadFile(filepath.Join("..", path))
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range declaredTest.FindAllSubmatch(text, -1) {
			declared[string(found[1])] = true
		}
	}
	for _, path := range texts(t, "..") {
		if filepath.Ext(path) != ".md" || path == "CHANGELOG.md" || strings.Contains(path, "testdata") {
			continue // the changelog tells of the past
		}
		text, err := os.ReadFile(filepath.Join("..", path))
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range testsWithoutCode(text, declared) {
			t.Errorf("%s:%s", path, fault)
		}
	}
}

// testsWithoutCode returns line and name of each test in a document that is not declared.
func testsWithoutCode(document []byte, declared map[string]bool) (missing []string) {
	for _, at := range namedTest.FindAllIndex(document, -1) {
		if name := string(document[at[0]:at[1]]); !declared[name] {
			missing = append(missing, fmt.Sprintf("%d: there is no %s", 1+bytes.Count(document[:at[0]], []byte("\n")), name))
		}
	}
	return missing
}

func TestTestsWithoutCodeAreFound(t *testing.T) {
	missing := testsWithoutCode([]byte("`TestOne`\nand `BenchmarkTwo` in `x`, TestOne/P0420\n"), map[string]bool{"TestOne": true})
	if fmt.Sprint(missing) != "[2: there is no BenchmarkTwo]" {
		t.Errorf("found %v", missing)
	}
}
