package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	fence   = regexp.MustCompile("(?ms)^```.*?^```")
	noSlug  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// TestLinks checks that every link of a document to a file or a heading has its
// target.
func TestLinks(t *testing.T) {
	for _, path := range texts(t, "..") {
		if filepath.Ext(path) != ".md" || strings.Contains(path, "testdata") || strings.HasSuffix(path, "_head.md") {
			continue // a head is checked in the manual that begins with it
		}
		for _, fault := range deadLinks(filepath.Join("..", path)) {
			t.Error(fault)
		}
	}
}

// deadLinks returns a line for each link of a document without a target.
func deadLinks(path string) (dead []string) {
	text, err := os.ReadFile(path)
	if err != nil {
		return []string{err.Error()}
	}
	prose := inlineCode.ReplaceAllString(fence.ReplaceAllString(string(text), ""), "")
	for _, found := range link.FindAllStringSubmatch(prose, -1) {
		if strings.Contains(found[1], "://") {
			continue
		}
		file, anchor, _ := strings.Cut(found[1], "#")
		target := path
		if file != "" {
			target = filepath.Join(filepath.Dir(path), file)
		}
		content, err := os.ReadFile(target)
		if info, statErr := os.Stat(target); statErr == nil && info.IsDir() && anchor == "" {
			continue
		}
		switch {
		case err != nil:
			dead = append(dead, fmt.Sprintf("%s: the target of (%s) does not exist", path, found[1]))
		case anchor != "" && !slices.Contains(anchors(string(content)), anchor):
			dead = append(dead, fmt.Sprintf("%s: (%s) has no such heading", path, found[1]))
		}
	}
	return dead
}

// anchors returns the anchor of each heading, as GitHub makes it.
func anchors(text string) (list []string) {
	for _, found := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		slug := strings.ToLower(noSlug.ReplaceAllString(found[1], ""))
		list = append(list, strings.ReplaceAll(slug, " ", "-"))
	}
	return list
}

func TestDeadLinksAreFound(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.md": "[a](b.md) [b](b.md#two-words) [c](#one) [d](https://example.org/x) [e](../" + filepath.Base(dir) + ")\n# One\n```\n[f](none.md)\n```\n",
		"b.md": "# Two words\n",
		"c.md": "[a](none.md) [b](b.md#three)\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]int{"a.md": 0, "b.md": 0, "c.md": 2} {
		if dead := deadLinks(filepath.Join(dir, name)); len(dead) != want {
			t.Errorf("%s: %q, want %d", name, dead, want)
		}
	}
}
