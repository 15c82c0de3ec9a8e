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
		Platform: &Platform{Name: "kubernetes", Context: "prod", Namespace: "web", AgentImage: "agents.example/plan"},
		Stages: []Stage{
			{}, {Load: &Workload{}}, {Load: &Workload{Driver: &Driver{Image: "own:1", ImageOf: "image.own"}}},
			{Load: &Workload{Driver: &Driver{Image: "drivers.example/locust"}}}, {Load: &Workload{Driver: &Driver{Image: "locustio/locust"}}},
		},
		Images:   []Image{{Source: "own:1", Name: "own:1"}, {Source: "own:1", Name: "r.example/own:1", Push: true}},
		Networks: []Network{{Name: "made"}, {Name: "theirs", External: true}},
		Services: []Service{
			{Image: "own:1", ImageOf: "image.own", Volumes: []Volume{{Source: "/srv", Bind: true}, {Source: "data"}}},
			{Image: "redis:7", External: []string{"other"}}, {Image: "r.example/x"}, {Image: "evil.example/x"}, {Image: "evil.example/y"}, {Image: "ours.example:5000/z"},
		},
	}
	want := []Reach{
		{Does: "reads", What: "/etc/passwd"},
		{Does: "pushes to", What: "r.example/own:1"}, {Does: "mounts", What: "the volume data"},
		{Does: "joins", What: "the network other"}, {Does: "pulls from", What: "the registry evil.example"},
		{Does: "pulls from", What: "the registry drivers.example"}, {Does: "joins", What: "the network theirs"},
		{Does: "pulls from", What: "the registry agents.example"}, {Does: "uses", What: "the context prod of the kubeconfig"}, {Does: "uses", What: "the namespace web"},
	}
	if diff := cmp.Diff(want, p.Reaches(), cmpopts.IgnoreFields(Reach{}, "At")); diff != "" {
		t.Error(diff)
	}
	if got := (&Plan{Services: []Service{{Image: "redis"}}}).Reaches(); len(got) != 0 {
		t.Errorf("an ordinary plan reaches %v", got)
	}
}
