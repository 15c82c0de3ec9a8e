package exchange

import (
	"crypto/tls"
	"net/http"
)

// TakeAnyCertificate makes a client of NewClient, which nobody uses yet, speak
// TLS with a server whose certificate nobody has signed.
func TakeAnyCertificate(client *http.Client) {
	client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
}
