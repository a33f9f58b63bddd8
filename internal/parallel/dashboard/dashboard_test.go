package dashboard

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// served is a dashboard of a cluster that answers with the error why, if there is one.
func served(t *testing.T, why error) *Server {
	t.Helper()
	s, err := Listen(0, func(context.Context) (News, error) { return News{Name: "</script>"}, why })
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return s
}

// Only who knows the token and means this address is let in; a page of another name that leads here is not.
func TestWhoSeesTheDashboard(t *testing.T) {
	s := served(t, nil)
	address := s.listener.Addr().String()
	for name, test := range map[string]struct {
		path, host string
		status     int
	}{
		"the address":         {"/?token=" + s.token, address, 200},
		"no token":            {"/", address, 403},
		"another token":       {"/?token=" + strings.Repeat("A", len(s.token)), address, 403},
		"a part of the token": {"/?token=" + s.token[:5], address, 403},
		"another name":        {"/?token=" + s.token, "example.com", 403},
		"the name localhost":  {"/?token=" + s.token, strings.Replace(address, "127.0.0.1", "localhost", 1), 403},
		"events, no token":    {"/events", address, 403},
		"another page":        {"/x?token=" + s.token, address, 404},
	} {
		r, err := http.NewRequest("GET", "http://"+address+test.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = test.host
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != test.status || test.status != 200 && strings.Contains(string(body), "script") {
			t.Errorf("%s: %s: %.60s", name, answer.Status, body)
		}
	}
}

// The page runs its own scripts and no others, whatever names of clusters and calls have in them, and has news at once.
func TestThePageRunsItsOwnScripts(t *testing.T) {
	s := served(t, nil)
	var nonces []string
	for range 2 {
		answer, err := http.Get(s.URL())
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		policy := answer.Header.Get("Content-Security-Policy")
		nonce := regexp.MustCompile(`script-src 'nonce-(\w+)'`).FindStringSubmatch(policy)
		if nonce == nil || !strings.Contains(policy, "default-src 'none'") || answer.Header.Get("Referrer-Policy") != "no-referrer" || answer.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("%v", answer.Header)
		}
		if all, own := strings.Count(string(body), "<script"), strings.Count(string(body), `<script nonce="`+nonce[1]+`"`); all == 0 || all != own {
			t.Errorf("%d scripts, of which %d are the page's", all, own)
		}
		if strings.Count(string(body), "</script>") != strings.Count(string(body), "<script") || !strings.Contains(string(body), `\u003c/script\u003e`) {
			t.Error("a cluster's name ends a script")
		}
		nonces = append(nonces, nonce[1])
	}
	if nonces[0] == nonces[1] {
		t.Error("two pages have one nonce")
	}
}

// News come one after the other; a cluster that does not answer is told as such.
func TestNewsOfACluster(t *testing.T) {
	s := served(t, errors.New("it is gone"))
	answer, err := http.Get(strings.Replace(s.URL(), "/?", "/events?", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	for seen := 0; seen < 2 && lines.Scan(); {
		text, isNews := strings.CutPrefix(lines.Text(), "data: ")
		if !isNews {
			continue
		}
		seen++
		var n News
		if err := json.Unmarshal([]byte(text), &n); err != nil || n.Error != "it is gone" || n.At.IsZero() {
			t.Errorf("%v: %s", err, text)
		}
	}
	if err := lines.Err(); err != nil || answer.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("%v: %v", err, answer.Header)
	}
}
