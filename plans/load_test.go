package plans

import (
	"os"
	"testing"
)

func TestTmp(t *testing.T) {
	for _, f := range []string{"minimal-resources.hcl", "smoke.hcl"} {
		p, d := Load(f, Options{Version: "0.1.0"})
		d.Write(os.Stdout, "human", false)
		if p != nil {
			t.Logf("%+v", *p)
			for _, s := range p.Stages {
				t.Logf("%+v %+v", s, s.Bounds())
			}
		}
	}
}
