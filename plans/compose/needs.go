package compose

import (
	"errors"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/compose-spec/compose-go/v2/types"
)

// need is a service that another one reaches, and where that stands.
type need struct {
	service string
	where   string // a variable, "its command", or a file that is mounted
}

// reaches are the services whose host names stand in the environment of a
// service, in what it starts with and in configuration that is mounted.
func (s *project) reaches(x types.ServiceConfig) []need {
	var list []need
	add := func(where string, found []string) {
		for _, host := range found {
			name := s.find(x, host)
			known := slices.ContainsFunc(list, func(n need) bool { return n.service == name })
			if name != "" && name != x.Name && !known {
				list = append(list, need{name, where})
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(x.Environment)) {
		if value := x.Environment[name]; value != nil {
			found := inText(*value)
			// A name that stands alone is of a host if the variable says so: databases
			// and users have such names too.
			if to := s.find(x, *value); to != "" && hostName.MatchString(name) {
				found = append(found, *value)
			}
			add(name, found)
		}
	}
	for _, word := range startWords(x) {
		add("its command", inText(word))
	}
	for _, v := range x.Volumes {
		if v.Type == types.VolumeTypeBind && !s.watches(x) { // a monitor has a list of those that it watches
			for _, name := range s.configurations(v.Source) {
				add(path.Join(v.Target, name), inText(configuration(filepath.Join(v.Source, name))))
			}
		}
	}
	for _, c := range x.Configs {
		object := s.Configs[c.Source]
		add("configs."+c.Source, inText(object.Content+configuration(object.File)))
	}
	return list
}

// reached are the services that one depends on or names.
func (s *project) reached(x types.ServiceConfig) []string {
	list := slices.Sorted(maps.Keys(x.DependsOn))
	for _, n := range s.reaches(x) {
		list = append(list, n.service)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

var (
	withPort = regexp.MustCompile(`(?:^|[\s,;@/="'(\[])([A-Za-z0-9][A-Za-z0-9_.-]*):[0-9]{2,5}\b`)
	pairHost = regexp.MustCompile(`(?:^|[\s;?&])(?:host|server|addr|address)=([A-Za-z0-9][A-Za-z0-9_.-]*)`)
	hostName = regexp.MustCompile(`(?i)(?:^|_)(?:hosts?|hostname|servers?|addr|address|addresses|endpoint|broker|brokers|url|uri|service)$|HOST$`)
)

// inText are the host names of a text: of URLs, with a port, or as host=….
func inText(text string) []string {
	var list []string
	for _, u := range urls(text) {
		list = append(list, u.host)
	}
	for _, form := range []*regexp.Regexp{withPort, pairHost} {
		for _, found := range form.FindAllStringSubmatch(text, -1) {
			list = append(list, found[1])
		}
	}
	return list
}

// configurationMost is how long a file of configuration may be to be read.
const configurationMost = 64 << 10

// settingFiles are the names of files of configuration in a folder, and composeFiles those
// of Compose: what is in these is no configuration of one service.
var (
	settingFiles = regexp.MustCompile(`(?i)\.(?:ya?ml|json|toml|ini|cfg|conf|env|properties|xml|template)$`)
	composeFiles = regexp.MustCompile(`(?i)compose[^/]*\.ya?ml$`)
)

// mostEntries are as many as a folder of configuration may have; more are data.
const mostEntries = 100

// configurations are the files of configuration that are mounted with a path: "" for the
// path itself, or the names of those in a folder. The folder of the project is none.
func (s *project) configurations(mounted string) []string {
	info, err := os.Stat(mounted)
	switch {
	case err != nil:
		return nil
	case !info.IsDir(): // it is not opened: a FIFO would wait, and a device may act
		return []string{""}
	}
	folder, err := os.Open(mounted)
	if err != nil {
		return nil
	}
	defer folder.Close() // it is only read
	entries, err := folder.ReadDir(mostEntries + 1)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil
	}
	inside, err := filepath.Rel(mounted, s.WorkingDir)
	below := err == nil && inside != ".." && !strings.HasPrefix(inside, ".."+string(filepath.Separator))
	if below || len(entries) > mostEntries {
		return nil
	}
	var names []string
	for _, entry := range entries {
		if name := entry.Name(); settingFiles.MatchString(name) && !composeFiles.MatchString(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// scrapes is what the configuration of Prometheus has: the services that it watches.
var scrapes = regexp.MustCompile(`(?m)^\s*scrape_configs:`)

// configuration is the text of a file that is mounted, without its comments; "" where it
// is no text, or a list of services that are watched.
func configuration(file string) string {
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() || info.Size() > configurationMost {
		return ""
	}
	if text := withoutComments(file); utf8.ValidString(text) && !scrapes.MatchString(text) {
		return text
	}
	return ""
}
