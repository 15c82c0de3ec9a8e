package journal

import (
	"strings"
	"testing"

	"plan/plans"
)

func TestInputsOfAPlan(t *testing.T) {
	plan := &plans.Plan{
		Variables: []plans.Variable{{Name: "users", Value: "[10]"}, {Name: "key", Value: `"hunter2"`, Sensitive: true}},
		Files:     map[string]string{"/a.csv": "00ff"},
	}
	got := InputsOf(plan, "r1", 7)
	if got.Seed != 7 || got.Variables["users"] != (Input{Value: "[10]"}) || got.Files["/a.csv"] != "sha256:00ff" {
		t.Errorf("%+v", got)
	}
	hash := got.Variables["key"].Hash
	if text := string(hash); strings.Contains(text, "hunter2") || !strings.HasPrefix(text, "pbkdf2-sha256:") || got.Variables["key"].Value != "" {
		t.Errorf("%+v", got.Variables["key"])
	}
	again, elsewhere := InputsOf(plan, "r1", 7).Variables["key"].Hash, InputsOf(plan, "r2", 7).Variables["key"].Hash
	if again != hash || elsewhere == hash {
		t.Errorf("%s, again %s, in another run %s", hash, again, elsewhere)
	}

	// Of files of environment variables only a hash is written, too.
	withFiles := func(values ...map[string]string) Digest {
		plan := &plans.Plan{}
		for _, v := range values {
			plan.Services = append(plan.Services, plans.Service{EnvFiles: []plans.EnvFile{{Path: ".env", Values: v}}})
		}
		return InputsOf(plan, "r1", 7).Files[".env"]
	}
	one, two := map[string]string{"KEY": "hunter2"}, map[string]string{"KEY": "hunter3"}
	if hash := withFiles(one); !strings.HasPrefix(string(hash), "pbkdf2-sha256:") || hash != withFiles(one) || hash == withFiles(two) || hash == withFiles(one, two) {
		t.Errorf("%s, of other values %s, of two services %s", hash, withFiles(two), withFiles(one, two))
	}
}
