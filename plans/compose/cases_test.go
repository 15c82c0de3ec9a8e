package compose_test

import (
	"cmp"
	"path/filepath"
	"strings"
	"testing"

	"plan/internal/golden"
	"plan/internal/units"
	"plan/plans/compose"
)

// cases are small files of kinds that people have: which services come over of
// each, the API first, or what is said where no plan can be made.
var cases = []struct{ folder, file, want string }{
	{folder: "api-without-ports", want: "model"},
	{folder: "container-name-as-host", want: "model db queue store"},
	{folder: "entrypoint-of-api", want: "model"},
	{folder: "entrypoint-run", want: "model"},
	{folder: "guessed-helpers", want: "model minio postgres minio-setup"},
	{folder: "image-named-locust", want: "model registry"},
	{folder: "locust-file-apart", want: "model"},
	{folder: "locust-file-apart", file: "compose.locust.yaml", want: "model"},
	{folder: "only-helpers", want: "FILE has no API, only airflow, minio, postgres: add the file that has it: plan init --from FILE --from FILE; if one of them is the API, name it with --service"},
	{folder: "ui-before-api", want: "model-api"},
	{folder: "crlf", want: "model"},
	{folder: "gpu", want: "llm"},
	{folder: "host-gateway", want: "model"},
	{folder: "job-as-helper", want: "model store store-setup"},
	{folder: "healthcheck-post", want: "model"},
	{folder: "link-alias", want: "model mlflow"},
	{folder: "locust-options-dropped", want: "model"},
	{folder: "locustfile-other-name", want: "model"},
	{folder: "one-secret-twice", want: "model db"},
	{folder: "override-alone", file: "compose.gpu.yaml", want: `FILE only changes services of another file: name that file first: plan init --from FILE --from FILE (service "model" has neither an image nor a build context specified: invalid compose project)`},
	{folder: "slow-helper", want: "model mlflow"},
	{folder: "unset-variable-volume", want: "FILE cannot be read: set these variables in the environment or in .env: MODEL_DIR (a volume of model)"},
	{folder: "user-unset", want: "model"},
	{folder: "volume-above/deploy", want: "model"},
	{folder: "worker-behind-queue", want: "api redis worker"},
}

func TestCases(t *testing.T) {
	for _, s := range cases {
		file := cmp.Or(s.file, "compose.yaml")
		t.Run(s.folder+"/"+file, func(t *testing.T) {
			folder := filepath.Join("testdata", "cases", s.folder)
			path := filepath.Join(folder, file)
			plan := strings.TrimSuffix(path, ".yaml") + ".plan.hcl"
			draft, err := compose.Convert(t.Context(), compose.Options{Files: []string{path}, Output: plan, HostMemory: 24 * units.GiB})
			if err != nil {
				if got := strings.ReplaceAll(err.Error(), path, "FILE"); got != s.want {
					t.Errorf("%s\n%s", got, s.want)
				}
				return
			}
			if got := strings.Join(draft.Services, " "); got != s.want {
				t.Errorf("%s, not %s", got, s.want)
			}
			golden.Compare(t, plan, draft.Text)
			golden.Compare(t, strings.TrimSuffix(path, ".yaml")+".notes", []byte(notes(draft)))
			valid(t, plan, draft, nil, false)
		})
	}
}
