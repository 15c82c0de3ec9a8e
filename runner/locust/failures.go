package locust

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"plan/internal/exchange"
)

// failure is one way in which requests of one name failed.
type failure struct {
	Method, Name string
	Error        string // what Python calls it
	Count        int64
}

// parseFailures reads what /stats/failures/csv answers.
func parseFailures(text []byte) ([]failure, error) {
	table, err := readTable(text, "Method", "Name", "Error", "Occurrences")
	if err != nil {
		return nil, err
	}
	var failures []failure
	for _, record := range table.records {
		f := failure{Method: table.text(record, "Method"), Name: table.text(record, "Name"), Error: table.text(record, "Error")}
		if f.Count, err = strconv.ParseInt(table.text(record, "Occurrences"), 10, 64); err != nil {
			return nil, fmt.Errorf("its failures have no number of %q: %w", f.Error, err)
		}
		failures = append(failures, f)
	}
	return failures, nil
}

// statusError finds the status in what HttpUser and FastHttpUser say of an answer
// with an unwanted one.
var statusError = regexp.MustCompile(`^HTTPError\(['"](\d{3}) |^(?:Locust)?BadStatusCode\(.*code=(\d+)\)$`)

// errorPatterns are parts of error texts with what they are a sign of. The first that
// is found decides: causes stand before what they cause.
var errorPatterns = []struct {
	sign  *regexp.Regexp
	class exchange.Class
}{
	{regexp.MustCompile(`Too many open files|Cannot assign requested address`), exchange.Socket},
	{regexp.MustCompile(`Connection ?[Rr]efused`), exchange.Refused},
	{regexp.MustCompile(`gaierror|NameResolutionError|Name or service not known|name resolution`), exchange.DNS},
	{regexp.MustCompile(`SSLError|SSLCertVerificationError|\[SSL`), exchange.TLS},
	{regexp.MustCompile(`ConnectTimeout`), exchange.ConnectTimeout},
	{regexp.MustCompile(`(?i)time(d )?out`), exchange.Timeout},
	{regexp.MustCompile(`IncompleteRead|Incomplete response`), exchange.ShortBody},
	{regexp.MustCompile(`RemoteDisconnected|ConnectionReset|HTTPConnectionClosed|ConnectionAborted|Connection aborted|BrokenPipe`), exchange.Reset},
}

// classify tells the class of an error by Locust's text of it. What the
// locustfile itself finds wrong with an answer (CatchResponseError) is Other,
// whatever its words, and so is what is not known.
func classify(text string) exchange.Class {
	if strings.HasPrefix(text, "CatchResponseError(") {
		return exchange.Other
	}
	if found := statusError.FindStringSubmatch(text); found != nil {
		return statusClass(found[1] + found[2])
	}
	for _, s := range errorPatterns {
		if s.sign.MatchString(text) {
			return s.class
		}
	}
	return exchange.Other
}

// statusClass of an unwanted status. FastHttpUser says 0 where no answer came
// and it does not tell why.
func statusClass(digits string) exchange.Class {
	switch digits[0] {
	case '0':
		return exchange.Other
	case '4':
		return exchange.HTTP4xx
	case '5':
		return exchange.HTTP5xx
	}
	return exchange.HTTPOther
}

// exception is what the locustfile itself raised, outside of any request.
type exception struct {
	Message string
	Count   int64
	Line    int // of the locustfile; 0 if it is not known
}

// String is what was raised, and where.
func (e exception) String() string { return e.Message + atLine(e.Line) }

// parseExceptions reads what /exceptions/csv answers.
func parseExceptions(text []byte) ([]exception, error) {
	table, err := readTable(text, "Count", "Message")
	if err != nil {
		return nil, err
	}
	var exceptions []exception
	for _, record := range table.records {
		e := exception{Message: table.text(record, "Message"), Line: lineOf(table.text(record, "Traceback"))}
		if e.Count, err = strconv.ParseInt(table.text(record, "Count"), 10, 64); err != nil {
			return nil, fmt.Errorf("its exceptions have no number of %q: %w", e.Message, err)
		}
		exceptions = append(exceptions, e)
	}
	return exceptions, nil
}
