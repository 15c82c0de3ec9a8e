package envfile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/compose-spec/compose-go/v2/template"
	"go.yaml.in/yaml/v4"
)

// ParseCompose returns the environment variables of the services of a Compose file, each
// as SERVICE.NAME. References such as ${NAME} take what set has. It reads this file
// alone: neither what it includes or extends, nor files of variables.
func ParseCompose(data []byte, set func(name string) (string, bool)) (map[string]string, error) {
	var file struct {
		Services map[string]struct {
			Environment any `yaml:"environment"`
		} `yaml:"services"`
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		return nil, errors.New("it cannot be read as a Compose file")
	}
	values := map[string]string{}
	for service, x := range file.Services {
		add := func(name, text string) {
			value, err := template.SubstituteWithOptions(text, set, template.WithoutLogging)
			if err == nil {
				values[service+"."+name] = value
			}
		}
		switch list := x.Environment.(type) {
		case map[string]any:
			for name, v := range list {
				if v != nil {
					add(name, fmt.Sprint(v))
				}
			}
		case []any:
			for _, v := range list {
				text, _ := v.(string)
				if name, value, is := strings.Cut(text, "="); is {
					add(name, value)
				}
			}
		}
	}
	return values, nil
}
