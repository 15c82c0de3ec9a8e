package show

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"plan/plans"
)

// TestEveryDimensionIsShown as text and as JSON, of a service and of a stage.
func TestEveryDimensionIsShown(t *testing.T) {
	for _, d := range plans.Dimensions() {
		var s plans.Settings
		s.Put(d, 64_000)
		service := plans.Service{Address: "service.api", Limits: s}
		p := &plans.Plan{Name: "p", Services: []plans.Service{service}, Stages: []plans.Stage{{Address: "check.c", Kind: plans.Check, Service: service}}}
		var text, raw bytes.Buffer
		if err := Text(&text, p); err != nil {
			t.Fatal(err)
		}
		if err := JSON(&raw, p); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(text.String(), d.Short(64_000)); n != 2 {
			t.Errorf("%s of a service and of its stage is shown %d times:\n%s", d, n, &text)
		}
		var got struct {
			Services, Stages []struct {
				Limits map[plans.Dimension]*float64
			}
		}
		if err := json.Unmarshal(raw.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		for _, limits := range []map[plans.Dimension]*float64{got.Services[0].Limits, got.Stages[0].Limits} {
			if number := limits[d]; number == nil || *number != d.Number(64_000) {
				t.Errorf("the JSON of limits of %s has %v", d.Text(64_000), limits)
			}
		}
	}
}
