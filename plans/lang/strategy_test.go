package lang

import (
	"fmt"
	"testing"

	"plan/runner/search"
)

func TestEveryStrategyHasItsBound(t *testing.T) {
	const source = `
service "api" {
  image = "api"
}

search "first" {
  service  = service.api
  strategy = "%s"
  vary "memory" {
    from = "500M"
    to   = "900M"
    step = "100M"
  }
}

search "later" {
  service  = service.api
  strategy = search.first.trials > 3 ? "ladder" : "bisect"
  vary "cpus" {
    from = 1
    to   = 2
    step = 1
  }
}
`
	for _, strategy := range search.Strategies() {
		p := load(t, fmt.Sprintf(source, strategy.Name), Options{})
		if got, want := p.Stages[0].Bounds().Trials, search.Most(strategy.Name, 5)+1; got != want {
			t.Errorf("%s: at most %d trials, the search takes up to %d", strategy.Name, got, want)
		}
		if got := p.Stages[1].Bounds(); got.Trials != 0 || got.Time != 0 {
			t.Errorf("of a strategy that is known only later: %+v", got)
		}
	}
}
