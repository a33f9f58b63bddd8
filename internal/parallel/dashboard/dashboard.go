// Package dashboard is a page that shows what a cluster does while it does it: what each engine ran in the last
// minute, queues, memory, calls and failures.
package dashboard

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/cluster"
)

// News is what the page is told, several times a second.
type News struct {
	Name string
	At   time.Time
	// Error says why nothing is known; the rest is empty then.
	Error string
	Pools []cluster.Pool
	Calls []backend.Record // the latest ones
}

// Source asks the cluster.
type Source func(ctx context.Context) (News, error)

//go:embed page.html
var page string

var pageTemplate = template.Must(template.New("page").Parse(page))

// every is how often the page is told something.
const every = 500 * time.Millisecond

// Server serves the page at an address of this machine alone, to those who know the token.
type Server struct {
	listener net.Listener
	token    string
	source   Source
	server   *http.Server
}

// Listen opens the page at a port of the loopback address; 0 means any that is free.
func Listen(port int, source Source) (*Server, error) {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, fmt.Errorf("the dashboard has no port: %w", err)
	}
	s := &Server{listener: l, token: rand.Text(), source: source}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.servePage)
	mux.HandleFunc("GET /events", s.events)
	s.server = &http.Server{Handler: s.guard(mux), ReadHeaderTimeout: 10 * time.Second}
	return s, nil
}

// URL is the page's address, with the token.
func (s *Server) URL() string { return fmt.Sprintf("http://%s/?token=%s", s.listener.Addr(), s.token) }

// Serve serves until the context ends.
func (s *Server) Serve(ctx context.Context) error {
	s.server.BaseContext = func(net.Listener) context.Context { return ctx }
	stop := context.AfterFunc(ctx, func() { s.server.Close() })
	defer stop()
	if err := s.server.Serve(s.listener); ctx.Err() == nil {
		return err
	}
	return nil
}

// guard lets those in who know the token. A page of another name that leads to this machine does not: the
// address must be meant.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != s.listener.Addr().String() || subtle.ConstantTimeCompare([]byte(r.URL.Query().Get("token")), []byte(s.token)) != 1 {
			http.Error(w, "open the address that goparallel cluster dashboard prints: it has a token", http.StatusForbidden)
			return
		}
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

// servePage answers with the page, and the first news, so that it shows something at once.
func (s *Server) servePage(w http.ResponseWriter, r *http.Request) {
	nonce := rand.Text()
	w.Header().Set("Content-Security-Policy", fmt.Sprintf("default-src 'none'; connect-src 'self'; script-src 'nonce-%[1]s'; style-src 'nonce-%[1]s'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", nonce))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	pageTemplate.Execute(w, map[string]any{"Nonce": nonce, "First": s.news(r)}) // an error is the browser's end
}

// news is what is known now, or why nothing is.
func (s *Server) news(r *http.Request) News {
	n, err := s.source(r.Context())
	if err != nil {
		n.Error, n.At = err.Error(), time.Now()
	}
	return n
}

// events sends news as server-sent events, until the browser or the server ends.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		text, err := json.Marshal(s.news(r))
		if err != nil {
			return
		}
		out.SetWriteDeadline(time.Now().Add(10 * time.Second))
		if _, err := fmt.Fprintf(w, "data: %s\n\n", text); err != nil || out.Flush() != nil {
			return
		}
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		}
	}
}
