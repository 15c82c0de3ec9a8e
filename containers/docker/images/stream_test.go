package images

import (
	"strings"
	"testing"
)

const pushed = `{"status":"The push refers to repository [reg/a]"}
{"status":"Preparing","progressDetail":{},"id":"b1"}
{"status":"Pushing","progressDetail":{"current":1048576,"total":4194304},"id":"b1"}
{"status":"Pushed","progressDetail":{},"id":"b1"}
{"status":"1: digest: sha256:d1 size: 528"}
{"progressDetail":{},"aux":{"Tag":"1","Digest":"sha256:d1","Size":528}}
`

const pulled = `{"status":"Pulling from a","id":"1"}
{"status":"Pulling fs layer","progressDetail":{},"id":"b1"}
{"status":"Downloading","progressDetail":{"current":1000000,"total":4000000},"id":"b1"}
{"status":"Pull complete","progressDetail":{},"id":"b1"}
{"status":"Digest: sha256:d2"}
{"status":"Status: Downloaded newer image for reg/a:1"}
`

func TestTheDigestOfAStream(t *testing.T) {
	for stream, want := range map[string]string{pushed: "sha256:d1", pulled: "sha256:d2", `{"status":"Preparing"}`: ""} {
		last := ""
		digest, err := readStream(strings.NewReader(stream), newTransfer("moving", func(line string) { last = line }))
		if err != nil || digest != want {
			t.Errorf("digest %q, %v, want %q", digest, err, want)
		}
		if want != "" && !strings.Contains(last, "1 of 1 layers") {
			t.Errorf("the last line is %q", last)
		}
	}
}

func TestErrorsInAStream(t *testing.T) {
	for stream, want := range map[string]string{
		`{"errorDetail":{"message":"tag does not exist: a:1"},"error":"tag does not exist: a:1"}`: "tag does not exist: a:1",
		`{"status":"Prep`:         "unexpected EOF",
		`{"error":"only in old"}`: "only in old",
	} {
		if _, err := readStream(strings.NewReader(stream), newTransfer("", nil)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s gave %v, want %q", stream, err, want)
		}
	}
}
