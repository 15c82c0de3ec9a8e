package acceptance

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// tokens is a server of tokens as the registry's specification describes it:
// who shows a password, or a refresh token got for one, gets a signed word for
// what may be done.
type tokens struct {
	authority authority
	realm     string
	given     atomic.Int64 // tokens for a repository
	refreshed atomic.Int64 // of these, for a refresh token
}

const (
	tokenService = "registry of a test"
	tokenIssuer  = "tokens of a test"
	refreshToken = "refresh-of-a-workshop"
)

// newTokenRegistry starts a registry on loopback that sends for tokens.
func newTokenRegistry(t *testing.T) (registry, *tokens) {
	t.Helper()
	issuer := &tokens{authority: newAuthority(t)}
	server := httptest.NewServer(issuer)
	t.Cleanup(server.Close)
	issuer.realm = server.URL + "/token"
	r := registry{address: freeAddress(t, "127.0.0.1"), dir: t.TempDir(), scheme: "http"}
	bundle := filepath.Join(r.dir, "bundle.pem")
	write(t, bundle, issuer.authority.pem())
	r.serve(t, "", fmt.Sprintf("{token: {realm: %q, service: %q, issuer: %q, rootcertbundle: %q}}", issuer.realm, tokenService, tokenIssuer, bundle))
	return r, issuer
}

// ServeHTTP answers GET with a name and a password, and POST with a refresh
// token, with which `docker login` replaces them.
func (i *tokens) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, password, _ := r.BasicAuth()
	refreshes := r.Method == http.MethodPost && r.PostFormValue("refresh_token") == refreshToken
	if password != registryPassword && !refreshes {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}`)
		return
	}
	scopes := r.Form["scope"]
	if r.Method == http.MethodGet {
		scopes = r.URL.Query()["scope"]
	}
	if len(scopes) > 0 {
		i.given.Add(1)
		if refreshes {
			i.refreshed.Add(1)
		}
	}
	token, err := i.sign(scopes)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answer := map[string]any{"token": token, "access_token": token, "expires_in": 300}
	if r.URL.Query().Get("offline_token") == "true" {
		answer["refresh_token"] = refreshToken
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// access is what one scope, such as repository:workshop/api:pull,push, asks for.
type access struct {
	Type    string   `json:"type"`
	Name    string   `json:"name"`
	Actions []string `json:"actions"`
}

// sign makes a JSON web token that grants the scopes.
func (i *tokens) sign(scopes []string) (string, error) {
	granted := []access{}
	for _, scope := range scopes {
		parts := strings.Split(scope, ":")
		if len(parts) == 3 {
			granted = append(granted, access{parts[0], parts[1], strings.Split(parts[2], ",")})
		}
	}
	now := time.Now().Unix()
	head, err := json.Marshal(map[string]any{
		"typ": "JWT", "alg": "ES256", "x5c": []string{base64.StdEncoding.EncodeToString(i.authority.certificate.Raw)},
	})
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(map[string]any{
		"iss": tokenIssuer, "aud": tokenService, "sub": registryUser, "jti": rand.Text(),
		"iat": now, "nbf": now - 10, "exp": now + 300, "access": granted,
	})
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(head) + "." + base64.RawURLEncoding.EncodeToString(body)
	sum := sha256.Sum256([]byte(text))
	a, b, err := ecdsa.Sign(rand.Reader, i.authority.key, sum[:])
	if err != nil {
		return "", err
	}
	signature := append(a.FillBytes(make([]byte, 32)), b.FillBytes(make([]byte, 32))...)
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}
