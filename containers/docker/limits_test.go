package docker

import (
	"reflect"
	"testing"

	"github.com/docker/docker/api/types/container"

	"plan/containers"
)

func TestNoLimits(t *testing.T) {
	var host container.HostConfig
	if setLimits(&host, containers.Limits{}); !reflect.DeepEqual(host, container.HostConfig{}) {
		t.Errorf("given are %+v", host)
	}
	for _, none := range []*int64{nil, new(int64(0)), new(int64(-1))} {
		if got := limitsOf(&container.HostConfig{Resources: container.Resources{PidsLimit: none}}); got != (containers.Limits{}) {
			t.Errorf("no limit is read as %+v", got)
		}
	}
}
