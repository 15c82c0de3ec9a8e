package plans

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestReaches(t *testing.T) {
	p := &Plan{
		Outside:  []Reach{{Does: "reads", What: "/etc/passwd"}},
		Logins:   []string{"ours.example:5000"},
		Reports:  []Report{{Path: "out.json"}, {Path: "sub/out.json"}, {Path: "../out.json"}, {Path: "/tmp/out.json"}, {Path: "a..b"}},
		Images:   []Image{{Source: "own:1", Name: "own:1"}, {Source: "own:1", Name: "r.example/own:1", Push: true}},
		Networks: []Network{{Name: "made"}, {Name: "theirs", External: true}},
		Services: []Service{
			{Image: "own:1", ImageOf: "image.own", Volumes: []Volume{{Source: "/srv", Bind: true}, {Source: "data"}}},
			{Image: "redis:7", External: []string{"other"}}, {Image: "r.example/x"}, {Image: "evil.example/x"}, {Image: "evil.example/y"}, {Image: "ours.example:5000/z"},
		},
	}
	want := []Reach{
		{Does: "reads", What: "/etc/passwd"}, {Does: "writes", What: "../out.json"}, {Does: "writes", What: "/tmp/out.json"},
		{Does: "pushes to", What: "r.example/own:1"}, {Does: "mounts", What: "the folder /srv"}, {Does: "mounts", What: "the volume data"},
		{Does: "joins", What: "the network other"}, {Does: "pulls from", What: "the registry evil.example"}, {Does: "joins", What: "the network theirs"},
	}
	if diff := cmp.Diff(want, p.Reaches(), cmpopts.IgnoreFields(Reach{}, "At")); diff != "" {
		t.Error(diff)
	}
	if got := (&Plan{Services: []Service{{Image: "redis"}}}).Reaches(); len(got) != 0 {
		t.Errorf("an ordinary plan reaches %v", got)
	}
}
