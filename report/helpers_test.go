package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"plan/containers"
	"plan/report/fixture"
	"plan/runner/journal"
)

func TestHelpers(t *testing.T) {
	want := []Helper{
		{Name: "minio", Rest: fixture.Mega(90), WorkingSet: fixture.Mega(122), Peak: fixture.Mega(220), CPUs: 0.2, Limit: 512 << 20, Proposed: 160 << 20},
		{Name: "mlflow", Rest: fixture.Mega(400), WorkingSet: fixture.Mega(402), Peak: fixture.Mega(450), Proposed: 512 << 20},
	}
	near := cmp.Comparer(func(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 })
	if diff := cmp.Diff(want, Helpers(fixture.Helped()), near); diff != "" {
		t.Error(diff)
	}
	if got := Helpers(fixture.Whole()); got != nil {
		t.Errorf("no helpers: %v", got)
	}
	var none Helper
	none.add(journal.Watched{Usage: []containers.Usage{{}}})
	if none.Rest != nil || none.WorkingSet != nil || none.Peak != nil {
		t.Errorf("nothing is known: %+v", none)
	}
}
