package docker

import (
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/google/go-cmp/cmp"

	"plan/containers"
)

func TestWhoIsCalledByTheServicesName(t *testing.T) {
	for _, c := range []struct {
		role   containers.Role
		holder string // who is called db on the network
		want   []string
	}{
		{containers.Subject, "nobody", []string{"plan-x", "db"}},
		{containers.Helper, "nobody", []string{"plan-x", "db"}},
		{containers.Generator, "nobody", []string{"plan-x"}},
		{containers.Subject, "proyecto-2_db_1", []string{"plan-x"}},
		{containers.Helper, "proyecto-2_db_1", nil},
		{containers.Generator, "proyecto-2_db_1", []string{"plan-x"}},
	} {
		there := container.InspectResponse{
			ContainerJSONBase: &container.ContainerJSONBase{Name: "/" + c.holder}, Config: &container.Config{},
			NetworkSettings: &container.NetworkSettings{Networks: map[string]*network.EndpointSettings{"net": {}}},
		}
		if c.holder != "nobody" {
			there.NetworkSettings.Networks["net"].Aliases = []string{"db"}
		}
		d := newFake(&fake{
			networks:   []network.Inspect{{Name: "net", Containers: map[string]network.EndpointResource{"1f": {}}}},
			containers: map[string]container.InspectResponse{"1f": there},
		})
		got, err := d.aliases(t.Context(), "net", "plan-x", containers.Spec{Service: "db", Role: c.role})
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s beside %s: %v %s", c.role, c.holder, err, diff)
		}
		if refused := err != nil; refused != (c.want == nil) || refused && (!isKind(err, containers.NameInUse) || !strings.Contains(err.Error(), c.holder)) {
			t.Errorf("%s beside %s: %v", c.role, c.holder, err)
		}
	}
}

func TestNoNameIsGivenTwice(t *testing.T) {
	d := newFake(&fake{})
	seen := map[string]bool{}
	for _, s := range []containers.Spec{
		{Service: "api", Trial: "1"}, {Service: "api", Trial: "1"}, // the second is numbered
		{Service: "api", Trial: "1", Replica: 2}, {Service: "api", Trial: "1", Replica: 1}, {Service: "api"},
	} {
		name := d.instance(s).Name()
		if seen[name] {
			t.Errorf("%s was there already: %v", name, seen)
		}
		seen[name] = true
	}
	if !seen["plan-r1-api"] || !seen["plan-r1-api-1"] || !seen["plan-r1-api-1-1"] {
		t.Errorf("names are %v", seen)
	}
}
