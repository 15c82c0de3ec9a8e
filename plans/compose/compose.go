// Package compose turns a Compose file into the text of a plan.
package compose

import (
	_ "github.com/compose-spec/compose-go/v2/loader"
	_ "go.yaml.in/yaml/v4"
)
