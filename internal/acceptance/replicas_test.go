package acceptance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"
)

// TestReplicasShareTheLoad counts at the servers themselves: what each replica
// was asked is what the report says, and differs by less than one user of ten
// more and one less would make it; a replica that the machine holds up answers
// its users a few percent less.
func TestReplicasShareTheLoad(t *testing.T) {
	needEngine(t)
	t.Parallel()
	dir := t.TempDir()
	p := start(t, dir, nil, planArgs(t, dir, "testdata/replicas.hcl", "image="+sample(t))...)
	counted := map[string]int64{} // by container id
	for p.goesOn() {
		for _, id := range running(t, p.id(), "service") {
			if n, answers := predictions(id); answers {
				counted[id] = n
			}
		}
	}
	r := p.wait()
	read := readReport(t, dir, r)
	if r.code != 0 || len(read.only(t).Trials) != 1 {
		t.Fatalf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	replicas := read.only(t).Trials[0].Instances
	if len(replicas) != 3 || len(counted) != 3 {
		t.Fatalf("%d replicas in the report, %d were asked for their counts", len(replicas), len(counted))
	}
	least, most := counted[replicas[0].ID], int64(0)
	for _, one := range replicas {
		// One request before the load and one after it are not a part of it; at its end one may be lost on the way for each user.
		if n := counted[one.ID]; one.Requests == nil || n-2 > *one.Requests || n-2 < *one.Requests-11 {
			t.Errorf("%s counted %d requests, the report says %v", one.Name, n, one.Requests)
		}
		least, most = min(least, counted[one.ID]), max(most, counted[one.ID])
	}
	if float64(most) > 1.15*float64(least) {
		t.Errorf("the replicas were asked between %d and %d times", least, most)
	}
	if left := remains(t, read.Run.ID); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// predictions asks a container of the bundled sample how many it was asked for.
func predictions(id string) (int64, bool) {
	address, err := tryDocker("inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", id)
	if err != nil || address == "" {
		return 0, false
	}
	client := http.Client{Timeout: time.Second}
	response, err := client.Get(fmt.Sprintf("http://%s:8000/stats", address))
	if err != nil {
		return 0, false
	}
	defer response.Body.Close()
	var stats struct{ Requests int64 }
	return stats.Requests, json.NewDecoder(response.Body).Decode(&stats) == nil
}
