package main

import (
	"context"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/goparallel/goparallel/internal/parallel/daemon"
	"github.com/goparallel/goparallel/parallel"
)

func TestMain(m *testing.M) { parallel.TestMain(m) }

// service starts the service, as a new process of it would.
func service(t *testing.T) (url string, stop func()) {
	t.Helper()
	rc, err := parallel.Connect(t.Context(), "webserver")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler(rc))
	return server.URL, func() {
		server.Close()
		if err := rc.Close(); err != nil {
			t.Error(err)
		}
	}
}

func get(t *testing.T, method, url string, status int) string {
	t.Helper()
	r, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != status {
		t.Fatal(answer.Status, string(text), err)
	}
	return strings.TrimSpace(string(text))
}

func isPi(t *testing.T, text string) {
	t.Helper()
	if pi, err := strconv.ParseFloat(text, 64); err != nil || math.Abs(pi-math.Pi) > 0.01 {
		t.Errorf("%q", text)
	}
}

// TestServiceIsStartedAgain has many requests share the engines, and fetches from one service what another had begun.
func TestServiceIsStartedAgain(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	d, err := daemon.Start(ctx, daemon.Options{Name: "webserver", Engines: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Wait()
	defer cancel()
	url, stop := service(t)
	var requests sync.WaitGroup
	answers := make([]string, 20)
	for i := range answers {
		requests.Go(func() { answers[i] = get(t, "GET", url+"/pi?points=640000", http.StatusOK) })
	}
	requests.Wait()
	for _, a := range answers {
		isPi(t, a)
	}
	get(t, "GET", url+"/pi?points=many", http.StatusBadRequest)
	id := get(t, "POST", url+"/jobs?points=64000000", http.StatusAccepted)
	stop()
	url, stop = service(t)
	defer stop()
	isPi(t, get(t, "GET", url+"/jobs/"+id, http.StatusOK))
	get(t, "GET", url+"/jobs/none", http.StatusNotFound)
}
