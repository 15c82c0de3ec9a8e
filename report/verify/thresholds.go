package verify

import "math"

// thresholds returns the bounds that a load broke: that of failed requests first, then
// the others in the order of the plan. Percentiles are read from the histograms, where
// the driver writes them.
func (l *load) thresholds(s *stage, written *histograms) []breach {
	broken := l.failures(s)
	for _, bound := range s.Thresholds {
		if bound.Metric == "error_rate" && bound.Request == "" {
			continue
		}
		j := l.judgedOf(bound.Request)
		value := l.value(bound, j, written)
		unknown := value == nil || bound.Request != "" && j.OK+j.Failed == 0
		switch bound.Metric {
		case "throughput":
			if unknown || *value < bound.Limit {
				broken = append(broken, breach{throughput, l.saturated("rate"), true})
			}
		case "error_rate":
			if unknown || *value > bound.Limit {
				broken = append(broken, breach{errorsReason, l.saturated("rate"), l.onlyTimedOut()})
			}
		default:
			if unknown || *value > bound.Limit {
				broken = append(broken, breach{latency, l.late(bound, value, written), true})
			}
		}
	}
	return broken
}

// judgedOf returns the judged window of a request; of all for "".
func (l *load) judgedOf(request string) judged {
	if request == "" {
		return l.Judged
	}
	return l.JudgedByRequest[request]
}

// value returns what a bound is compared with; nil where it is not known.
func (l *load) value(bound threshold, j judged, written *histograms) *float64 {
	switch bound.Metric {
	case "throughput":
		return &j.OKRate
	case "error_rate":
		return new(rate(j.OK, j.Failed))
	}
	figures := j.Latency
	if l.Driver == ownDriver && written != nil {
		one := l.judgedHistograms(bound.Request, written)
		took, err := decode(one.Judged)
		waited, wrong := decode(one.Waits)
		if err == nil && wrong == nil {
			figures = withWaits(took, waited, j.Failed)
		}
	}
	return figures[bound.Metric]
}

// judgedHistograms returns those of a request, of all for "". The only request of a
// load has those of all.
func (l *load) judgedHistograms(request string, written *histograms) judgedHistograms {
	all := judgedHistograms{written.Judged, written.Waits}
	_, sent := l.JudgedByRequest[request]
	if request == "" || sent && len(l.JudgedByRequest) == 1 {
		return all
	}
	return written.JudgedByRequest[request]
}

// rate returns the share of requests that failed, of those that ended.
func rate(ok, failed int64) float64 {
	if ok+failed == 0 {
		return 0
	}
	return float64(failed) / float64(ok+failed)
}

// late reports whether the lateness of the driver may have broken a bound of a
// percentile: without the lateness above which are half as many requests as above the
// percentile, it would keep the bound.
func (l *load) late(bound threshold, value *float64, written *histograms) bool {
	if !l.saturated("lateness") || value == nil || written == nil {
		return false
	}
	h, err := decode(written.Lateness)
	if err != nil {
		return false
	}
	half := h.seconds(halfAbove(quantiles[bound.Metric]))
	return half != nil && *value-*half <= bound.Limit
}

// failures returns the breach of failed requests: by their share where it is bounded,
// else by their number. Without thresholds all requests count but those that users
// send first.
func (l *load) failures(s *stage) []breach {
	ok, failures := l.Judged.OK, l.Judged.Failed
	if len(s.Thresholds) == 0 {
		ok, failures = l.OK, l.Failed
		for _, c := range l.ByRequest {
			if c.OnStart {
				ok, failures = ok-c.OK, failures-c.Failed
			}
		}
	}
	limit, bounded, apart := 0.0, false, int64(0)
	for _, bound := range s.Thresholds {
		switch {
		case bound.Metric != "error_rate":
		case bound.Request != "":
			apart += l.judgedOf(bound.Request).Failed
		case !bounded:
			limit, bounded = bound.Limit, true
		}
	}
	tooMany := !bounded && failures > apart || bounded && rate(l.Judged.OK, l.Judged.Failed) > limit
	if ok > 0 && !tooMany {
		return nil
	}
	return []breach{{errorsReason, false, l.onlyTimedOut()}}
}

// tooFew reports whether a percentile of a threshold cannot be determined from so few
// answers: with ln 0.01 / ln q of them at least one is above the quantile q with 99 %
// confidence.
func (l *load) tooFew(s *stage) bool {
	for _, bound := range s.Thresholds {
		q, latency := quantiles[bound.Metric]
		if !latency || q == maximum {
			continue
		}
		if needed := math.Ceil(math.Log(0.01) / math.Log(q)); float64(l.judgedOf(bound.Request).OK) < needed {
			return true
		}
	}
	return false
}
