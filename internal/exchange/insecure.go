package exchange

import (
	"crypto/tls"
	"net/http"
	"time"
)

// LimitHandshake has a client of NewClient, which nobody uses yet, give up a TLS
// handshake after a time. A request that gives up leaves it to itself.
func LimitHandshake(client *http.Client, after time.Duration) {
	client.Transport.(*http.Transport).TLSHandshakeTimeout = after
}

// TakeAnyCertificate makes a client of NewClient, which nobody uses yet, speak
// TLS with a server whose certificate nobody has signed.
func TakeAnyCertificate(client *http.Client) {
	client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
}
