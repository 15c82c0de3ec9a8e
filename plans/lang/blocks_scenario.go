package lang

import (
	"slices"

	"github.com/zclconf/go-cty/cty"
)

var scenarioBlock = &block{
	name: "scenario", label: "name", root: "scenario",
	doc: "What each user repeats: a request, then a pause. Refer to it as `scenario.x`.",
	attributes: []attribute{
		{name: "guessed", typ: typeFlag, fallback: cty.False,
			doc: "The requests are a guess, such as those that `plan init` writes if it does not know the requests of users. `plan validate` and `plan run` warn about it. Remove the attribute when the requests are those of your users."},
		{name: "think_time", typ: typeThink, doc: `Pause between a response and the next request: "2s", between("1s", "3s") or exponential("2s").`, otherwise: "none"},
		{name: "headers", typ: typeHeaders, fed: true, doc: "Headers of all requests; those of a request override them.",
			otherwise: "none"},
		{name: "timeout", typ: typeSpan, fallback: cty.StringVal("10s"),
			doc: "Timeout of a request; a later response is an error."},
		{name: "redirects", typ: typeHops, fallback: cty.NumberIntVal(0),
			doc: "Maximum number of redirects to follow; the last response counts. A redirect to another host is followed only if its addresses are loopback or private. With redirects, net/http sends the load and uses more CPU.", example: "5"},
		{name: "retry_idle", typ: typeFlag, doc: "Send a request again if the server has closed an idle connection. `GET`, `HEAD` and `OPTIONS` are always sent again.", otherwise: "true, except for `PATCH`"},
	},
	blocks: []*block{authBlock, feedBlock, requestBlock, startBlock},
}

var authBlock = &block{
	name: "auth", most: 1, doc: "Credentials of all requests: a name and a password, or a token. A header `Authorization` overrides them.",
	attributes: []attribute{
		{name: "bearer", typ: typeToken, fed: true, doc: "Token, sent as `Authorization: Bearer …`.", example: "var.token"},
	},
	blocks: []*block{{
		name: "basic", most: 1, doc: "Name and password, sent as `Authorization: Basic …`.",
		attributes: []attribute{
			{name: "username", typ: typeLogin, needed: true, doc: "Name."},
			{name: "password", typ: typeText, needed: true, doc: "Password.", example: "var.password"},
		},
	}},
	choices: []choice{{names: []string{"bearer", "basic"}, needed: true}},
}

var feedBlock = &block{
	name: "feed", label: "name", root: "feed",
	doc: "A table; each request takes one row of it. In the requests of the scenario, refer to a column as `feed.x.column`, and to all columns as `feed.x`. A feed that `on_start` uses gives each user one row, which the user keeps.",
	attributes: []attribute{
		{name: "file", typ: typeTable, needed: true, public: true, doc: "File beside the plan, of at most 16 MiB: `.csv` with a header line, or `.jsonl` (`.ndjson`), whose lines are objects with the same names."},
		{name: "order", typ: word("in_order", "random", "once"), fallback: cty.StringVal("in_order"),
			doc: "Order of the rows: from the top, again and again; at random; or each row once, and the load ends after the last one."},
	},
}

var startBlock = &block{
	name: "on_start", most: 1, doc: "Requests that each user sends once, in this order, before all others. If one of them fails, the user starts again after its pause. Thresholds do not apply to them. Each user keeps its cookies.",
	blocks: []*block{{
		name: "request", label: "name", needed: true, like: requestBlock, doc: "One request.",
		attributes: requestRows(), choices: oneBody, blocks: []*block{expectBlock},
		others: map[string]string{"weight": "remove it: each user sends all requests of on_start, in their order"},
	}},
}

var requestBlock = &block{
	name: "request", label: "name", needed: true, doc: "A request. Users pick requests at random, by weight.",
	attributes: requestRows(attribute{name: "weight", typ: typeWeigh, fallback: cty.NumberIntVal(1),
		doc: "Share of this request: its weight divided by the sum of all weights."}),
	choices: oneBody, blocks: []*block{expectBlock},
}

// requestRows are what every request has, and what only this one has.
func requestRows(own ...attribute) []attribute {
	return slices.Concat([]attribute{
		{name: "method", typ: typeMethod, doc: "HTTP method.", otherwise: "`GET`; `POST` with a body"},
		{name: "path", typ: typePath, needed: true, fed: true, doc: "Path on the port of the API, with or without a query.",
			example: `"/predict"`},
		{name: "query", typ: typeFields, fed: true,
			doc: "Query, encoded and sorted by name, appended to a query in `path`. A list repeats the name.", otherwise: "none", example: `{ top = 3, tag = ["a", "b"] }`},
		{name: "headers", typ: typeHeaders, fed: true, doc: "Headers.", otherwise: "the scenario's"},
		{name: "body", typ: typeText, fed: true, doc: "Body, sent unchanged."},
		{name: "json", typ: typeJSON, fed: true, doc: "Body, sent as JSON with its content type.", example: "{ inputs = [[5.1, 3.5, 1.4, 0.2]] }"},
		{name: "form", typ: typeFields, fed: true, doc: "Body, sent as `application/x-www-form-urlencoded`."},
		{name: "multipart", typ: typeParts, fed: true,
			doc: "Body, sent as `multipart/form-data`: strings and files by name. It sets its content type itself."},
		{name: "file", typ: typeFile, public: true,
			doc: "Body from a file beside the plan, of at most 16 MiB. The content type follows from the name of the file, unless a header sets it.", example: `"cat.png"`},
	}, own, []attribute{
		{name: "timeout", typ: typeSpan, doc: "Timeout of a request; a later response is an error.",
			otherwise: "the scenario's"},
		{name: "redirects", typ: typeHops, doc: "Maximum number of redirects to follow.", otherwise: "the scenario's",
			example: "5"},
	})
}

// oneBody: a request has one body at most.
var oneBody = []choice{{names: []string{"body", "json", "form", "multipart", "file"}}}

// partRows are what a file in a multipart body has.
var partRows = &block{
	name: "part",
	attributes: []attribute{
		{name: "file", typ: typeFile, needed: true, doc: "File beside the plan, of at most 16 MiB.", example: `"cat.png"`},
		{name: "type", typ: typeMedia, doc: "Its content type.", otherwise: "by its name"},
	},
}

var expectBlock = &block{
	name: "expect", most: 1, doc: "Conditions of an OK response. If they concern the body, it may have at most 1 MiB, both as received and unpacked (`gzip` or `deflate`, if a header `Accept-Encoding` allows it).",
	attributes: []attribute{
		{name: "status", typ: typeStatuses, doc: "Statuses of an OK response.", otherwise: "any 2xx"},
		{name: "body", typ: typePhrases, doc: "Strings that the body must contain, all of them.", otherwise: "any body"},
		{name: "json", typ: typePaths, doc: "What JSONPaths (RFC 9535) must select in the body: paths with their values, or a list of paths that must select something.", otherwise: "any body"},
		{name: "not_body", typ: typePhrases, doc: "Strings that the body must not contain.", otherwise: "any body"},
		{name: "json_not", typ: typePaths, doc: "What JSONPaths must not select: paths with a value that they must not select, or a list of paths that must select nothing. A body that is not JSON fails.", otherwise: "any body"},
	},
}
