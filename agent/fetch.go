package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// FetchLimit is the maximum size of a fetched body, in bytes.
const FetchLimit = 16 << 20

// Page identifies a page to fetch.
type Page struct {
	Method string `json:"method"` // GET or POST
	URL    string `json:"url"`
	JSON   string `json:"json,omitempty"` // body of the request, as application/json
}

// Answer is the response to a fetch, of any status.
type Answer struct {
	Status int           `json:"status"`
	Body   []byte        `json:"body"`
	Took   time.Duration `json:"took"` // from the start of the connection to the last byte
}

// Fetch requests one page from inside the network and returns the response. It
// fails if the connection fails, if the body is longer than FetchLimit, or if
// ctx ends.
func (c *Client) Fetch(ctx context.Context, page Page) (Answer, error) {
	done, err := c.do(ctx, message{Type: typeFetch, Page: &page}, nil)
	switch {
	case ctx.Err() != nil:
		return Answer{}, context.Cause(ctx)
	case err != nil:
		return Answer{}, err
	case done.Answer == nil:
		return Answer{}, errors.New("the agent ended the fetch without a response")
	}
	return *done.Answer, nil
}

// fetch requests a page on a new connection, without a proxy and without
// following redirects.
func fetch(ctx context.Context, page Page) (Answer, error) {
	begun := time.Now()
	request, err := http.NewRequestWithContext(ctx, page.Method, page.URL, strings.NewReader(page.JSON))
	if err != nil {
		return Answer{}, err
	}
	if page.JSON != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, FetchLimit+1))
	switch {
	case err != nil:
		return Answer{}, fmt.Errorf("%s: the response was cut off: %w", page.URL, err)
	case len(body) > FetchLimit:
		return Answer{}, fmt.Errorf("%s: the response is longer than %d MiB", page.URL, FetchLimit>>20)
	}
	return Answer{Status: response.StatusCode, Body: body, Took: time.Since(begun)}, nil
}
