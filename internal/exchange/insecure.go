package exchange

import (
	"crypto/tls"
	"net/http"
	"time"
)

// LimitHandshake sets the timeout of TLS handshakes of a client from NewClient,
// before its first use. http.Transport continues a handshake after its request
// has given up.
func LimitHandshake(client *http.Client, after time.Duration) {
	client.Transport.(*http.Transport).TLSHandshakeTimeout = after
}

// AcceptAnyCertificate disables certificate verification of a client from
// NewClient, before its first use.
func AcceptAnyCertificate(client *http.Client) {
	client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
}
