package locust

import "testing"

func TestShape(t *testing.T) {
	const steps = "class Steps(LoadTestShape):\n    def tick(self):\n        return None\n"
	for name, c := range map[string]struct {
		file, module, want string
	}{
		"of the file":            {"from locust import LoadTestShape\n\n" + steps, "", "Steps"},
		"of the package":         {"class A(locust.LoadTestShape):\r\n    pass\r\n", "", "A"},
		"of several bases":       {"class A(\n    Mixin, LoadTestShape\n):\n    pass\n", "", "A"},
		"derived":                {"class Base(LoadTestShape):\n    abstract = True\n\nclass B(Base):\n    pass\n", "", "B"},
		"abstract":               {"class Base(LoadTestShape):\n    abstract = True\n\nclass U(HttpUser):\n    pass\n", "", ""},
		"abstract elsewhere":     {steps + "class U(HttpUser):\n    abstract = True\n", "", "Steps"},
		"no class":               {"from locust import LoadTestShape\n# class A(LoadTestShape):\nx = LoadTestShape\n", "", ""},
		"inside of something":    {"if x:\n    class A(LoadTestShape):\n        pass\n", "", ""},
		"of another name":        {"class A(MyLoadTestShape):\n    pass\nclass LoadTestShape:\n    pass\n", "", ""},
		"imported":               {"from shapes import Steps\n", steps, "Steps"},
		"imported on its line":   {"from shapes import (\n    Other,\n    Steps,\n)\n", steps, "Steps"},
		"imported with all":      {"from shapes import *\n", steps, "Steps"},
		"not imported":           {"import shapes\nfrom shapes import Steps2\n", steps, ""},
		"derived from an import": {"from shapes import Base\nclass A(Base):\n    pass\n", "class Base(LoadTestShape):\n    abstract = True\n", "A"},
		"an abstract import":     {"from shapes import Base\n", "class Base(LoadTestShape):\n    abstract = True\n", ""},
		"no file":                {"", "", ""},
	} {
		if got := Shape([]byte(c.file), []byte(c.module)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
