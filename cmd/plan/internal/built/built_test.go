package built

import (
	"runtime/debug"
	"testing"
)

func TestVersionOf(t *testing.T) {
	commit := []debug.BuildSetting{{Key: "vcs", Value: "git"}, {Key: "vcs.revision", Value: "0123456789abcdef0123456789abcdef01234567"}}
	for _, c := range []struct {
		what, revision, module string
		settings               []debug.BuildSetting
		want                   string
	}{
		{"a tag", "v0.2.0", "", nil, "0.2.0"},
		{"a tag of a candidate", "v0.2.0-rc.1", "", nil, "0.2.0-rc.1"},
		{"a tag, before what the go command knows", "v0.2.0", "v0.1.0", commit, "0.2.0"},
		{"commits behind a tag", "v0.2.0-14-g0123456", "", nil, "dev-0123456"},
		{"commits behind a tag, and changes", "v0.2.0-14-g0123456-dirty", "", nil, "dev-0123456"},
		{"changes behind a tag", "v0.2.0-dirty", "", nil, "dev"},
		{"no tag", "0123456", "", nil, "dev-0123456"},
		{"no tag, and changes", "0123456-dirty", "(devel)", nil, "dev-0123456"},
		{"a module's tag", "", "v0.3.1", nil, "0.3.1"},
		{"a module behind no tag", "", "v0.0.0-20260301120000-0123456789ab", nil, "dev-0123456789ab"},
		{"a module behind a tag", "", "v0.3.2-0.20260301120000-0123456789ab", nil, "dev-0123456789ab"},
		{"a module behind a candidate", "", "v0.3.2-rc.1.0.20260301120000-0123456789ab", nil, "dev-0123456789ab"},
		{"a module with changes", "", "v0.3.1+dirty", commit, "dev-0123456789ab"},
		{"a commit that the go command knows", "", "(devel)", commit, "dev-0123456789ab"},
		{"nothing", "", "(devel)", nil, "dev"},
		{"no build info", "", "", nil, "dev"},
	} {
		t.Run(c.what, func(t *testing.T) {
			got := versionOf(c.revision, debug.BuildInfo{Main: debug.Module{Path: "plan", Version: c.module}, Settings: c.settings})
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
