package compose

import "testing"

func TestPortOfAnImage(t *testing.T) {
	shell := func(command string) []string { return []string{"/bin/sh", "-c", command} }
	for name, c := range map[string]struct {
		image Image
		want  int
	}{
		"none":                  {Image{Command: []string{"python", "app.py"}}, 0},
		"exposed":               {Image{Command: []string{"python", "app.py"}, Exposed: []int{5000}}, 5000},
		"two exposed":           {Image{Command: []string{"python", "app.py"}, Exposed: []int{80, 8000}}, 0},
		"two and a server":      {Image{Command: []string{"uvicorn", "a:b"}, Exposed: []int{80, 8000}}, 8000},
		"two and another":       {Image{Command: []string{"flask", "run"}, Exposed: []int{80, 8000}}, 0},
		"option":                {Image{Command: []string{"uvicorn", "a:b", "--port", "8080"}}, 8080},
		"entrypoint":            {Image{Entrypoint: []string{"uvicorn"}, Command: []string{"a:b", "--port=90"}}, 90},
		"option over exposed":   {Image{Command: []string{"uvicorn", "a:b", "--port", "8080"}, Exposed: []int{80}}, 8080},
		"bind":                  {Image{Command: []string{"gunicorn", "-w", "3", "-b", ":5000", "a:b"}}, 5000},
		"bind to an address":    {Image{Command: shell("exec gunicorn --bind 0.0.0.0:10000 a:b")}, 10000},
		"usual":                 {Image{Command: []string{"python", "-m", "uvicorn", "a:b"}}, 8000},
		"exposed over usual":    {Image{Command: []string{"gunicorn", "a:b", "-c", "c.py"}, Exposed: []int{5000}}, 5000},
		"environment":           {Image{Command: []string{"python", "app.py"}, Environment: map[string]string{"PORT": "81"}}, 81},
		"variable":              {Image{Command: shell("uvicorn a:b --port $P"), Environment: map[string]string{"P": "82"}}, 82},
		"variable's fallback":   {Image{Command: shell("uvicorn a:b --port ${PORT:-83}")}, 83},
		"variable over that":    {Image{Command: shell("uvicorn a:b --port ${PORT:-83}"), Environment: map[string]string{"PORT": "84"}}, 84},
		"health check":          {Image{Healthcheck: []string{"CMD-SHELL", "curl -f http://localhost:85/health || exit 1"}}, 85},
		"a command of no shell": {Image{Command: shell("python app.py ${X")}, 0},
		"a database's":          {Image{Command: []string{"serve", "--port", "5432"}, Exposed: []int{8000}}, 8000},
	} {
		if got := c.image.Port(); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
