package docker

import (
	"fmt"
	"time"

	"plan/internal/units"
)

// progressEvery is how often a line of progress is worth reading.
const progressEvery = 250 * time.Millisecond

// throttled sums the layers' progress up and tells it now and then.
func throttled(tell func(string)) func(pushLine) {
	if tell == nil {
		return func(pushLine) {}
	}
	sent, total := map[string]int64{}, map[string]int64{}
	var last time.Time
	return func(line pushLine) {
		if line.Detail.Total > 0 {
			sent[line.ID], total[line.ID] = min(line.Detail.Current, line.Detail.Total), line.Detail.Total
		}
		if line.Status == "Pushed" || line.Status == "Layer already exists" {
			sent[line.ID] = total[line.ID]
		}
		if now := time.Now(); now.Sub(last) >= progressEvery {
			last = now
			tell(progressText(sum(sent), sum(total), line.Status))
		}
	}
}

func progressText(sent, total int64, status string) string {
	if total == 0 {
		return status
	}
	return fmt.Sprintf("pushed %s of %s", units.Bytes(sent), units.Bytes(total))
}

func sum(parts map[string]int64) int64 {
	var all int64
	for _, part := range parts {
		all += part
	}
	return all
}
